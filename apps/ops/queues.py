"""What waits in a service's queues on the broker, for who looks on: answered quickly or not at all."""

from __future__ import annotations

import functools

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.services import SERVICES

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 0.3
"""For the connection, and for the answer."""


def waiting() -> dict[str, int | None]:
    """Messages by queue of this service, without those that are being worked on; None while the broker is down."""
    queues = SERVICES[settings.SERVICE_NAME].queues
    try:
        with _client(settings.CELERY["broker_url"]).pipeline(transaction=False) as asked:
            for queue in queues:
                asked.llen(queue)
            return dict(zip(queues, asked.execute(), strict=True))
    except redis.RedisError as error:
        log.warning("no figures of the broker", reason=f"{type(error).__name__}: {error}")
        return dict.fromkeys(queues)


@functools.cache
def _client(url: str) -> redis.Redis:
    """redis-py's pool is safe across threads and forks; its own tries would take seconds."""
    return redis.Redis.from_url(
        url,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
