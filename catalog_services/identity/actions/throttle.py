"""Slows down guessing: failures are counted per (name, address) and per address, in windows."""

from __future__ import annotations

from hashlib import sha256
from math import ceil

from django.conf import settings
from django.db import connection

from apps.core import clock
from apps.core.errors import TooManyRequests
from apps.core.messages import Message
from catalog_services.identity.models import FailedAttempts

_COUNT = """
INSERT INTO identity_failedattempts AS known (source, count, window_ends_at) VALUES (%s, 1, %s)
ON CONFLICT (source) DO UPDATE SET
    count = CASE WHEN known.window_ends_at > %s THEN known.count + 1 ELSE 1 END,
    window_ends_at = CASE WHEN known.window_ends_at > %s THEN known.window_ends_at ELSE excluded.window_ends_at END
"""


def refuse_if_exhausted(*, name: str, address: str) -> None:
    """Raise ``TooManyRequests`` (with ``retry_after`` in seconds) when a limit is reached."""
    limits = _limits(name=name, address=address)
    now = clock.now()
    for row in FailedAttempts.objects.filter(source__in=limits, window_ends_at__gt=now):
        if row.count >= limits[row.source]:
            seconds = ceil((row.window_ends_at - now).total_seconds())
            raise TooManyRequests(
                Message("Too many failed sign-ins. Try again in {seconds} seconds.", seconds=seconds),
                retry_after=seconds,
            )


def count_failure(*, name: str, address: str) -> None:
    """Count one failure; atomic, whatever else runs at the same time. Clears away windows that are over."""
    now = clock.now()
    FailedAttempts.objects.filter(window_ends_at__lt=now).delete()
    with connection.cursor() as cursor:
        for source in _limits(name=name, address=address):
            cursor.execute(_COUNT, [source, now + settings.IDENTITY_FAILURE_WINDOW, now, now])


def forgive(*, name: str, address: str) -> None:
    """A success ends the count of this name at this address."""
    FailedAttempts.objects.filter(source=_source(f"{name}\n{address}")).delete()


def _limits(*, name: str, address: str) -> dict[str, int]:
    return {
        _source(f"{name}\n{address}"): settings.IDENTITY_FAILURES_PER_NAME,
        _source(address): settings.IDENTITY_FAILURES_PER_ADDRESS,
    }


def _source(text: str) -> str:
    """Hashed: somebody's mistyped password in the name field must not end up in a table."""
    return sha256(text.encode()).hexdigest()
