from __future__ import annotations

from django.contrib.auth.hashers import check_password, make_password

from apps.core.errors import Unauthenticated
from apps.core.messages import Message
from catalog_services.identity.actions import throttle
from catalog_services.identity.models import Client
from catalog_services.identity.tokens import client_token


def client_sign_in(*, client_id: str, secret: str, address: str) -> str:
    """An access token for a service that knows its secret; there is no refresh token.

    Raises ``Unauthenticated`` or, after too many failures, ``TooManyRequests``.
    """
    name = f"client:{client_id}"
    throttle.refuse_if_exhausted(name=name, address=address)
    client = Client.objects.filter(client_id=client_id, is_active=True).first()
    if client is None:
        make_password(secret)
    elif check_password(secret, client.secret_hash):
        return client_token(client)
    throttle.count_failure(name=name, address=address)
    raise Unauthenticated(Message("The client id or the client secret is wrong."), error="invalid_client")
