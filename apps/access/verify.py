"""The one place where a token becomes a caller: RS256 only, issuer, audience, type, expiry, key id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import jwt
import structlog
from django.conf import settings

from apps.access.keys import ALGORITHM, key_of
from apps.access.users import TokenUser
from apps.core.actor import ROLES, SERVICE, Actor
from apps.core.errors import Unauthenticated

LEEWAY_SECONDS = 10
"""What two machines' clocks may differ by."""
MAX_TOKEN_CHARACTERS = 4096
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_KNOWN_ROLES = frozenset((*ROLES, SERVICE))
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti"]


def verify(token: str) -> TokenUser:
    """The caller an access token speaks for; from here on the log lines of this request name them.

    Raises ``Unauthenticated`` for every token that is not ours, current and meant for this suite, and
    ``Unavailable`` when no key could ever be fetched.
    """
    claims = _decoded(token)
    if claims.get("token_type") != "access":
        raise Unauthenticated("This is not an access token.")
    user = _user(claims)
    structlog.contextvars.bind_contextvars(actor=user.username)
    return user


def bearer_token(header: str | None) -> str | None:
    """The token of an ``Authorization`` header; None when there is no bearer token at all.

    Raises ``Unauthenticated`` for a bearer scheme without exactly one token.
    """
    scheme, _, rest = (header or "").strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = rest.strip()
    if not token or " " in token:
        raise Unauthenticated("The Authorization header must be: Bearer, one space, the token.")
    return token


def unverified_expiry(token: str) -> datetime | None:
    """When a token says it expires, **unverified**: only to decide whether to refresh; None when unreadable."""
    try:
        claims = jwt.decode(token[: MAX_TOKEN_CHARACTERS + 1], options={"verify_signature": False})
        return datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, OverflowError, OSError, RecursionError):
        return None


def _decoded(token: str) -> Mapping[str, Any]:
    if len(token) > MAX_TOKEN_CHARACTERS or not _COMPACT.fullmatch(token):
        raise Unauthenticated("The token is not a signed JSON Web Token.")
    try:
        header = jwt.get_unverified_header(token)
        kid = header.get("kid")
        if header.get("alg") != ALGORITHM or not isinstance(kid, str):
            raise Unauthenticated(f"Only {ALGORITHM} tokens that name their key are accepted.")
        key = key_of(kid)
        if key is None:
            raise Unauthenticated("The token is signed with an unknown key.")
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=settings.ACCESS_AUDIENCE,
            issuer=settings.ACCESS_ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )
    except jwt.ExpiredSignatureError as error:
        raise Unauthenticated("The token has expired.") from error
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Unauthenticated("The token is not valid.") from error
    return claims


def _user(claims: Mapping[str, Any]) -> TokenUser:
    try:
        roles, username = claims["roles"], claims["username"]
        if not isinstance(roles, list) or not isinstance(username, str):
            raise TypeError("roles must be a list and username a text")
        return TokenUser(
            actor=Actor(id=UUID(claims["sub"]), username=username, roles=_KNOWN_ROLES.intersection(roles)),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise Unauthenticated("The token says nothing usable about its bearer.") from error
