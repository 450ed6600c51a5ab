"""The broker, asked directly."""

from __future__ import annotations

import functools

import redis
from django.conf import settings


@functools.cache
def client() -> redis.Redis:
    """Its client; redis-py's pool is safe across threads and forks."""
    return redis.Redis.from_url(
        settings.CELERY["broker_url"], socket_timeout=5, socket_connect_timeout=2, decode_responses=True
    )
