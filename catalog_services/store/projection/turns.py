"""Whose turn it is to bring entries up to date: all but one of the processes that do it at once would do it in vain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import redis

from apps.saga import broker

LONGEST_SECONDS = 20.0
"""A turn whose process died is over then."""


@contextmanager
def turn(of: str) -> Iterator[bool]:
    """Whether nobody else has the turn ``of`` something; it is ours within the block.

    It saves work and guards nothing: when the broker is down or forgot, several have it.
    """
    lock = broker.client().lock(f"store.turn.{of}", timeout=LONGEST_SECONDS, blocking=False)
    try:
        is_ours = bool(lock.acquire())
    except redis.RedisError:
        yield True
        return
    try:
        yield is_ours
    finally:
        if is_ours:
            with suppress(redis.RedisError):  # it may be over, too
                lock.release()
