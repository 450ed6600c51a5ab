"""The life of a signing key: announced (next), signing (active), still verifying (retiring), gone."""

from __future__ import annotations

from datetime import datetime, timedelta

NEXT, ACTIVE, RETIRING = "next", "active", "retiring"
STATES = (NEXT, ACTIVE, RETIRING)
ALGORITHM = "RS256"
KEY_BITS = 2048
MARGIN = timedelta(minutes=10)
"""Clock differences and cached key sets."""


def retires_at(*, now: datetime, longest_token: timedelta) -> datetime:
    """Until when a key that stops signing now must still verify: as long as any token it signed may live."""
    return now + longest_token + MARGIN
