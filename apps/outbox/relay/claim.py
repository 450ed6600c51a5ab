"""Taking due deliveries and handing them to the broker, many events per message."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.observability.tracing import past_span

# A subject whose earlier event was refused waits for it, for that subscriber only.
_CLAIM = """
SELECT d.id, d.subscriber, e.envelope::text, e.type, e.created_at, coalesce(e.envelope->>'traceparent', '')
  FROM outbox_delivery d JOIN outbox_outboxevent e ON e.id = d.event_id
 WHERE d.state = 'pending' AND d.due_at <= now()
   AND NOT EXISTS (
       SELECT 1 FROM outbox_delivery b
        WHERE b.subscriber = d.subscriber AND b.subject = d.subject AND b.id < d.id
          AND b.attempts > 0 AND b.state <> 'done')
 ORDER BY d.id
 LIMIT %s
   FOR UPDATE OF d SKIP LOCKED
"""
# By the clock of the messages' own ``sent_at``, and after them: a row is younger than the message that carries it, so
# that the sweeper, which compares it with a queue's head, never takes what is in that head for lost.
_SENT = "UPDATE outbox_delivery SET state = 'sent', sent_at = to_timestamp(%s) WHERE id = ANY(%s)"

Send = Callable[[str, list[str]], None]
"""``send(subscriber, envelopes)``: puts one message on the subscriber's queue; raises when the broker is down."""


def relay_once(send: Send) -> int:
    """Send one claim's worth of due deliveries; gives how many.

    The rows stay locked until the broker has them, so two relays never send the same row; when the
    broker refuses, the claim is rolled back and nothing has happened. A crash between the broker's
    answer and the commit sends twice, which consumers tell by the event's id and version.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [settings.OUTBOX_CLAIM])
        rows = cursor.fetchall()
        if not rows:
            return 0
        for subscriber, envelopes in _batches(rows):
            send(subscriber, envelopes)
        cursor.execute(_SENT, [time.time(), [row[0] for row in rows]])
    for _, subscriber, _, type_, created_at, traceparent in rows:
        past_span(f"relay {type_}", traceparent, since=created_at, subscriber=subscriber)
    return len(rows)


def _batches(rows: list[tuple[Any, ...]]) -> list[tuple[str, list[str]]]:
    by_subscriber: dict[str, list[str]] = defaultdict(list)
    for _, subscriber, envelope, *_rest in rows:
        by_subscriber[subscriber].append(envelope)
    size = settings.OUTBOX_BATCH
    return [
        (subscriber, envelopes[start : start + size])
        for subscriber, envelopes in by_subscriber.items()
        for start in range(0, len(envelopes), size)
    ]


def sender(app: Any, queue_of: Callable[[str], str]) -> Send:
    """A ``send`` over a Celery app; ``sent_at`` lets the sweeper tell what a queue can still hold."""
    producer = None

    def send(subscriber: str, envelopes: list[str]) -> None:
        nonlocal producer
        if producer is None:
            producer = app.amqp.Producer(app.connection_for_write())
        try:
            app.send_task(
                "outbox.deliver",
                kwargs={"events": envelopes},
                queue=queue_of(subscriber),
                headers={"sent_at": time.time()},
                producer=producer,
                retry=False,
            )
        except Exception:
            producer = None  # a broken connection is not used again
            raise

    return send
