"""Rotation of refresh tokens in families (RFC 9700, 4.14.2): each token is good once."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum


class Verdict(Enum):
    """What presenting a refresh token leads to."""

    ROTATE = "it is the family's newest: a successor is made"
    REPEAT = "it was rotated a moment ago: the same successor once more"
    REUSED = "it was rotated long ago: somebody has a copy, the family is revoked"
    REFUSED = "it has expired, or its family is revoked"


def judge(
    *,
    now: datetime,
    expires_at: datetime,
    rotated_at: datetime | None,
    family_revoked: bool,
    grace: timedelta,
) -> Verdict:
    """The verdict on a token whose signature is good.

    The grace period is for one browser whose requests carry the same token at once: without it the slower
    one would revoke its own session.
    """
    if family_revoked or now >= expires_at:
        return Verdict.REFUSED
    if rotated_at is None:
        return Verdict.ROTATE
    return Verdict.REPEAT if now - rotated_at <= grace else Verdict.REUSED
