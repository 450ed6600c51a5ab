"""Which errors tell of an outage (a part is away, or takes no writes just now) and not of what was asked: the same
request may come through later, as it is."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError

from apps.core.errors import Timeout, Unavailable

_OF_A_PART = (OperationalError, InterfaceError, ConnectionError, TimeoutError, Unavailable, Timeout)
_OF_ITS_TIME = frozenset({"25006", "25P03", "25P04"})
"""What PostgreSQL says of a transaction and not of what is in it, as internal errors: it takes no writes just now (a
failover, a full disk), or the transaction stood still or lasted for too long."""


def passes(error: BaseException) -> bool:
    """Whether a part is down, or takes nothing for a while: an error to wait after, which refuses nothing."""
    return isinstance(error, _OF_A_PART) or getattr(error.__cause__, "sqlstate", None) in _OF_ITS_TIME
