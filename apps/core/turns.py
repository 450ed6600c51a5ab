"""Whose turn it is: a PostgreSQL session's advisory lock, which goes with its process.

A pooler that gives each transaction another session (PgBouncer's transaction mode) would leave such locks behind.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import connection

log = structlog.get_logger(__name__)


def key_of(name: str) -> int:
    """The lock's key in the service's database."""
    return zlib.crc32(name.encode())


@contextmanager
def turn(name: str) -> Iterator[bool]:
    """Whether this process alone is at ``name``, until the block ends; no transaction stays open meanwhile."""
    key = key_of(name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        mine = bool(cursor.fetchone()[0])
        try:
            yield mine
        finally:
            if mine:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
                if not cursor.fetchone()[0]:
                    log.error(
                        "a turn's lock was not this session's any more: does a pooler share sessions?",
                        turn=name,
                    )
