"""The correlation id: one per click, carried through HTTP, outbox rows, tasks, saga variables and logs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from apps.core.ids import uuid7

HEADER = "X-Correlation-ID"
_SAFE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_current: ContextVar[str] = ContextVar("catalog_correlation_id", default="")


def current() -> str:
    """The correlation id of what is running now; empty outside any."""
    return _current.get()


def accept(candidate: str | None) -> str:
    """``candidate`` when well-formed (1 to 64 safe characters), else a new id."""
    return candidate if candidate and _SAFE.fullmatch(candidate) else str(uuid7())


@contextmanager
def bound(correlation_id: str) -> Iterator[str]:
    """Within this block ``correlation_id`` is the current one."""
    token = _current.set(correlation_id)
    try:
        yield correlation_id
    finally:
        _current.reset(token)
