from __future__ import annotations

from rest_framework.request import Request

from apps.access.rest import BearerAuthentication
from apps.access.users import TokenUser
from apps.core.actor import SERVICE
from apps.core.errors import Unauthenticated
from catalog_services.identity.models import User


class CurrentUserAuthentication(BearerAuthentication):
    """Identity knows better than a token some minutes old: people have the roles their row has now."""

    def authenticate(self, request: Request) -> tuple[TokenUser, str] | None:
        found = super().authenticate(request)
        if found is None or SERVICE in found[0].roles:
            return found
        claimed, token = found
        user = User.objects.for_token(claimed)
        if user is None or not user.is_active:
            raise Unauthenticated("This user is gone or switched off.")
        return TokenUser(actor=user.actor, expires_at=claimed.expires_at), token
