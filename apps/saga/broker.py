"""The broker as a store of slots."""

from __future__ import annotations

import functools

import redis
from django.conf import settings

from apps.saga.slots import Slots


@functools.cache
def slots() -> Slots:
    """This service's slots; redis-py's pool is safe across threads and forks."""
    client = redis.Redis.from_url(
        settings.CELERY["broker_url"], socket_timeout=5, socket_connect_timeout=2, decode_responses=True
    )
    return Slots(client, settings.SERVICE_NAME)
