"""One file per entity."""

from catalog_services.identity.models.client import Client
from catalog_services.identity.models.demo_user import DemoUser
from catalog_services.identity.models.failed_attempts import FailedAttempts
from catalog_services.identity.models.refresh_token import RefreshFamily, RefreshToken
from catalog_services.identity.models.signing_key import SigningKey
from catalog_services.identity.models.user import User

__all__ = ["Client", "DemoUser", "FailedAttempts", "RefreshFamily", "RefreshToken", "SigningKey", "User"]
