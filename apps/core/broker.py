"""Asking Redis quickly or not at all, for who only looks whether it is there or what waits in it."""

from __future__ import annotations

import functools

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry


@functools.cache
def asked_once(url: str, *, seconds: float) -> redis.Redis:
    """A client that waits ``seconds`` for the connection and for each answer. redis-py's pool is safe across threads
    and forks; its own tries would take seconds."""
    return redis.Redis.from_url(
        url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0)
    )
