"""Sending again what was sent and never answered: the recovery of everything the broker can lose.

A delivery is sent again only when neither its subscriber's queue can still hold it nor our own its receipt (the
queue is empty, or its head is younger than the delivery), so a backlog is never made larger by the cure.
"""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import connection

from apps.outbox.relay.broker import Broker
from apps.outbox.relay.claim import BEHIND_A_REFUSAL
from config.services import SERVICES

log = structlog.get_logger(__name__)
MAX_PER_SWEEP = 10_000
MAX_BACKOFF_SECONDS = 300

# What was sent in the future was sent by a clock that has been put right since.
_DUE = """
UPDATE outbox_delivery SET state = 'pending', due_at = now(), resends = resends + 1
 WHERE id IN (
   SELECT id FROM outbox_delivery
    WHERE state = 'sent' AND subscriber = %(subscriber)s
      AND (sent_at > now() + interval '1 minute'
           OR sent_at < now() - make_interval(
                secs => least(%(cap)s, %(after)s * power(2, least(resends, 20))::double precision))
              AND sent_at < to_timestamp(%(head)s))
    ORDER BY sent_at LIMIT %(limit)s
      FOR UPDATE SKIP LOCKED)
"""

# A claim and a receipt that meet may leave something held back that nothing holds back any more.
_FREE = f"""
UPDATE outbox_delivery d SET state = 'pending' WHERE d.state = 'held' AND NOT {BEHIND_A_REFUSAL}
"""  # noqa: S608 (a constant)


def sweep(broker: Broker) -> int:
    """Mark unanswered deliveries as pending again; gives how many. Raises ``redis.RedisError`` when it is down."""
    swept = 0
    receipts = broker.head_sent_at(settings.SERVICE_NAME)
    for subscriber in SERVICES[settings.SERVICE_NAME].subscribers:
        parameters = {
            "subscriber": subscriber,
            "after": settings.OUTBOX_RESEND_AFTER_SECONDS,
            "cap": MAX_BACKOFF_SECONDS,
            "head": min(receipts, broker.head_sent_at(subscriber)),
            "limit": MAX_PER_SWEEP,
        }
        with connection.cursor() as cursor:
            cursor.execute(_DUE, parameters)
            swept += cursor.rowcount
    if swept:
        log.info("sent again", deliveries=swept)
    return swept


def free_held() -> int:
    """Let go on what is held back behind nothing; gives how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE)
        return cursor.rowcount
