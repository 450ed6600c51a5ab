"""Sending again what was sent and never answered: the recovery of everything the broker can lose.

A delivery is sent again only when neither its subscriber's queue can still hold it nor our own its receipt (the
queue is empty, or its head is younger than the delivery), so a backlog is never made larger by the cure.
"""

from __future__ import annotations

import json
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db import connection

from config.services import SERVICES

log = structlog.get_logger(__name__)
MAX_PER_SWEEP = 1000
MAX_BACKOFF_SECONDS = 300

_DUE = """
UPDATE outbox_delivery SET state = 'pending', due_at = now(), resends = resends + 1
 WHERE id IN (
   SELECT id FROM outbox_delivery
    WHERE state = 'sent' AND subscriber = %(subscriber)s
      AND sent_at < now() - make_interval(
            secs => least(%(cap)s, %(after)s * power(2, least(resends, 20))::double precision))
      AND sent_at < to_timestamp(%(head)s)
    ORDER BY id LIMIT %(limit)s
      FOR UPDATE SKIP LOCKED)
"""


def sweep(broker: redis.Redis) -> int:
    """Mark unanswered deliveries as pending again; gives how many. Raises ``redis.RedisError`` when it is down."""
    swept = 0
    receipts = head_sent_at(broker, SERVICES[settings.SERVICE_NAME].events_queue)
    for subscriber in _waiting_subscribers():
        head = min(receipts, head_sent_at(broker, SERVICES[subscriber].events_queue))
        with connection.cursor() as cursor:
            cursor.execute(
                _DUE,
                {
                    "subscriber": subscriber,
                    "after": settings.OUTBOX_RESEND_AFTER_SECONDS,
                    "cap": MAX_BACKOFF_SECONDS,
                    "head": head,
                    "limit": MAX_PER_SWEEP,
                },
            )
            swept += cursor.rowcount
    if swept:
        log.info("sent again", deliveries=swept)
    return swept


def head_sent_at(broker: redis.Redis, queue: str) -> float:
    """When the oldest message of a queue was sent (Unix seconds); the far future for an empty queue."""
    head: Any = broker.lindex(queue, -1)
    if head is None:
        return 32503680000.0
    try:
        return float(json.loads(head)["headers"]["sent_at"])
    except (ValueError, KeyError, TypeError):
        return 0.0  # something else is at the head: wait until it is taken


def _waiting_subscribers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT subscriber FROM outbox_delivery WHERE state = 'sent'")
        return [row[0] for row in cursor.fetchall()]
