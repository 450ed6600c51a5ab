"""What waits in a service's queues on the broker, for who looks on: answered quickly or not at all."""

from __future__ import annotations

import redis
import structlog
from django.conf import settings

from apps.core.broker import asked_once
from config.services import SERVICES

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 0.3
"""For the connection, and for the answer."""


def waiting() -> dict[str, int | None]:
    """Messages by queue of this service, without those that are being worked on; None while the broker is down."""
    queues = SERVICES[settings.SERVICE_NAME].queues
    try:
        with asked_once(settings.CELERY["broker_url"], seconds=PATIENCE_SECONDS).pipeline(
            transaction=False
        ) as asked:
            for queue in queues:
                asked.llen(queue)
            return dict(zip(queues, asked.execute(), strict=True))
    except redis.RedisError as error:
        log.warning("no figures of the broker", reason=f"{type(error).__name__}: {error}")
        return dict.fromkeys(queues)
