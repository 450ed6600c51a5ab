"""The correlation id: one per click, carried through HTTP, outbox rows, tasks, saga variables and logs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeGuard

from apps.core.ids import uuid7_text

HEADER = "X-Correlation-ID"
META = "HTTP_X_CORRELATION_ID"
"""The header as WSGI has it: Django's ``request.headers`` is built of all headers to answer for one."""
PATTERN = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"
"""What an id is made of. It is a part of paths, where ``.`` and ``..`` would lead elsewhere."""
_SAFE = re.compile(PATTERN)
_current: ContextVar[str] = ContextVar("catalog_correlation_id", default="")
_cause: ContextVar[str] = ContextVar("catalog_causation_id", default="")


def current() -> str:
    """The correlation id of what is running now; empty outside any."""
    return _current.get()


def is_acceptable(candidate: str | None) -> TypeGuard[str]:
    """Whether it is well-formed: 1 to 64 safe characters, the first a letter or digit."""
    return bool(candidate and _SAFE.fullmatch(candidate))


def accept(candidate: str | None) -> str:
    """``candidate`` when it is acceptable, else a new id."""
    return candidate if is_acceptable(candidate) else uuid7_text()


def adopt(correlation_id: str) -> None:
    """Make ``correlation_id`` the current one for the rest of this task: where a request is a task of its own."""
    _current.set(correlation_id)


def cause() -> str:
    """The id of the event that is being handled now; empty when a person or a step acts."""
    return _cause.get()


@contextmanager
def bound(correlation_id: str, *, cause: str = "") -> Iterator[str]:
    """Within this block ``correlation_id`` is the current one, and ``cause`` the event that led to what happens."""
    token, cause_token = _current.set(correlation_id), _cause.set(cause)
    try:
        yield correlation_id
    finally:
        _current.reset(token)
        _cause.reset(cause_token)
