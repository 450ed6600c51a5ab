"""The one clock. Code asks ``clock.now()``; tests pin it with ``clock.pinned(at)``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_pinned: ContextVar[datetime | None] = ContextVar("catalog_clock", default=None)


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _pinned.get() or datetime.now(UTC)


@contextmanager
def pinned(at: datetime) -> Iterator[None]:
    """Within this block (and context) the time is ``at``."""
    token = _pinned.set(at)
    try:
        yield
    finally:
        _pinned.reset(token)


def moment(text: str) -> datetime | None:
    """What ``iso`` wrote; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with a ``Z``, microseconds kept; None stays None."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
