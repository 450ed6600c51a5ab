from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from rest_framework_simplejwt.exceptions import TokenError

from apps.core import clock
from apps.core.errors import Unauthenticated
from apps.core.messages import Message
from catalog_services.identity.domain.refresh import Verdict, judge
from catalog_services.identity.models import RefreshFamily, RefreshToken
from catalog_services.identity.tokens import RefreshJwt, TokenPair, pair

log = structlog.get_logger(__name__)

INVALID = Message("The refresh token is not valid.")


def refresh(*, token: str) -> TokenPair:
    """Exchange a refresh token for the family's next pair.

    The same token again within the grace period gives the same pair; later it revokes the family.
    Raises ``Unauthenticated`` for every token that is not good (any more).
    """
    row_id = _jti(token)
    with transaction.atomic():
        family = (
            RefreshFamily.objects.select_for_update(of=["self"])
            .select_related("user")
            .filter(tokens__id=row_id)
            .first()
        )
        renewed = None if family is None else _renew(family, row_id)
    if renewed is None:
        raise Unauthenticated(INVALID)
    return renewed


def sign_out(*, token: str) -> None:
    """Revoke the family of a refresh token; a token that is no longer good leaves nothing to revoke."""
    try:
        row_id = _jti(token)
    except Unauthenticated:
        return
    families = RefreshFamily.objects.filter(tokens__id=row_id, revoked_at=None)
    RefreshFamily.objects.filter(pk__in=families.values("pk")).update(revoked_at=clock.now())


def _renew(family: RefreshFamily, row_id: UUID) -> TokenPair | None:
    """The next pair, or None after a refusal; the caller holds the family's lock."""
    now = clock.now()
    row = RefreshToken.objects.select_related("successor").get(pk=row_id)
    verdict = judge(
        now=now,
        expires_at=row.expires_at,
        rotated_at=row.rotated_at,
        family_revoked=family.revoked_at is not None or not family.user.is_active,
        grace=settings.IDENTITY_REFRESH_GRACE,
    )
    if verdict is Verdict.REUSED:
        log.warning("refresh_token_reused", user_id=str(family.user_id), family=str(family.pk))
        family.revoked_at = now
        family.save(update_fields=["revoked_at"])
    if verdict in {Verdict.REUSED, Verdict.REFUSED}:
        return None
    if row.successor is None:
        expires_at = now + settings.ACCESS_REFRESH_LIFETIME
        row.successor = RefreshToken.objects.create(family=family, issued_at=now, expires_at=expires_at)
        row.rotated_at = now
        row.save(update_fields=["successor", "rotated_at"])
        family.expires_at = expires_at
        family.save(update_fields=["expires_at"])
        family.tokens.filter(expires_at__lt=now).delete()
    return pair(row.successor, family.user)


def _jti(token: str) -> UUID:
    try:
        return UUID(RefreshJwt(cast(Any, token))["jti"])
    except (TokenError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise Unauthenticated(INVALID) from error
