"""Whose turn it is: a PostgreSQL session's advisory lock, which goes with its process.

A pooler that gives each transaction another session (PgBouncer's transaction mode) would leave such locks behind.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog
from django.db import Error, connection

log = structlog.get_logger(__name__)


def key_of(name: str) -> int:
    """The lock's key in the service's database."""
    return zlib.crc32(name.encode())


@contextmanager
def turn(name: str) -> Iterator[bool]:
    """Whether this process alone is at ``name``, until the block ends; no transaction stays open meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key_of(name)])
        mine = bool(cursor.fetchone()[0])
        try:
            yield mine
        except BaseException:
            with suppress(Error):  # a session that broke is why it failed, and took its locks along
                _end(cursor, name, mine=mine)
            raise
        _end(cursor, name, mine=mine)


def _end(cursor: Any, name: str, *, mine: bool) -> None:
    if not mine:
        return
    cursor.execute("SELECT pg_advisory_unlock(%s)", [key_of(name)])
    if not cursor.fetchone()[0]:
        log.error("a turn's lock was not this session's any more: does a pooler share sessions?", turn=name)
