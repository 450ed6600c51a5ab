"""simplejwt, taught two things it lacks: which of several keys signs, and to say which one did (``kid``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError
from rest_framework_simplejwt.tokens import AccessToken as SimpleAccessToken
from rest_framework_simplejwt.tokens import RefreshToken as SimpleRefreshToken

from apps.access.keys import key_of
from apps.core import clock
from apps.core.actor import SERVICE
from catalog_services.identity import keyring
from catalog_services.identity.domain.keys import ALGORITHM
from catalog_services.identity.models import Client, RefreshToken, User
from catalog_services.identity.selectors.keys import active_key


class KeyringBackend(TokenBackend):
    """Signs with the active key and names it; verifies with the key a token names."""

    def encode(self, payload: dict[str, Any]) -> str:
        key = active_key()
        claims = {**payload, "aud": self.audience, "iss": self.issuer}
        return jwt.encode(
            claims, keyring.private_key(key), algorithm=self.algorithm, headers={"kid": key.kid}
        )

    def get_verifying_key(self, token: Any) -> Any:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
        except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError) as error:
            raise TokenBackendError("Token is invalid") from error
        key = key_of(kid) if isinstance(kid, str) else None
        if key is None:
            raise TokenBackendError("Token is signed with an unknown key")
        return key


_backend = KeyringBackend(ALGORITHM, audience=settings.ACCESS_AUDIENCE, issuer=settings.ACCESS_ISSUER)


class AccessToken(SimpleAccessToken):
    _token_backend = _backend


class RefreshJwt(SimpleRefreshToken):
    _token_backend = _backend


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a sign-in and each renewal answer."""

    access_token: str
    refresh_token: str

    @property
    def body(self) -> dict[str, Any]:
        return {**bearer(self.access_token), "refresh_token": self.refresh_token}


def bearer(access_token: str) -> dict[str, Any]:
    """The OAuth 2 token response (RFC 6749, 5.1)."""
    return {
        "access_token": access_token,
        "token_type": "bearer",
        "expires_in": int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()),
    }


def pair(row: RefreshToken, user: User) -> TokenPair:
    """The two tokens of a row. RS256 is deterministic, so that the same row gives the same pair again."""
    refresh = RefreshJwt()
    _stamp(refresh, jti=row.id, issued_at=row.issued_at)
    refresh["sub"] = str(user.pk)
    access = _access(sub=user.pk, username=user.username, roles=user.roles, issued_at=row.issued_at)
    access["jti"] = str(uuid5(row.id, "access"))
    return TokenPair(access_token=str(access), refresh_token=str(refresh))


def client_token(client: Client) -> str:
    """An access token of a service."""
    return str(_access(sub=client.pk, username=client.client_id, roles=[SERVICE], issued_at=clock.now()))


def _access(*, sub: UUID, username: str, roles: list[str], issued_at: datetime) -> AccessToken:
    token = AccessToken()
    token.set_iat(at_time=issued_at)
    token.set_exp(from_time=issued_at, lifetime=settings.ACCESS_TOKEN_LIFETIME)
    token["sub"], token["username"], token["roles"] = str(sub), username, list(roles)
    return token


def _stamp(token: RefreshJwt, *, jti: UUID, issued_at: datetime) -> None:
    token["jti"] = str(jti)
    token.set_iat(at_time=issued_at)
    token.set_exp(from_time=issued_at, lifetime=settings.ACCESS_REFRESH_LIFETIME)
