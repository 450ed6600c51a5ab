"""Taking due deliveries and handing them to the broker, many events per message, subscriber by subscriber."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import batched
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from apps.observability.tracing import past_span
from config.services import SERVICES, subscribers

# A subject whose earlier event was refused waits for it, for that subscriber only: found waiting, it is put aside, so
# that however much waits, no claim looks at it twice. No pause is longer than a minute: what is due later than that
# was written by a clock that has been put right since.
_CLAIM = """
SELECT d.id, e.envelope::text, e.type, e.created_at, coalesce(e.envelope->>'traceparent', ''),
       EXISTS (SELECT 1 FROM outbox_delivery b
                WHERE b.subscriber = d.subscriber AND b.subject = d.subject AND b.id < d.id
                  AND b.attempts > 0 AND b.state <> 'done')
  FROM outbox_delivery d JOIN outbox_outboxevent e ON e.id = d.event_id
 WHERE d.subscriber = %s AND d.state = 'pending'
   AND (d.due_at <= now() OR d.due_at > now() + interval '2 minutes')
 ORDER BY d.id
 LIMIT %s
   FOR UPDATE OF d SKIP LOCKED
"""
_HELD = "UPDATE outbox_delivery SET state = 'held' WHERE id = ANY(%s)"
# By the clock of the messages' own ``sent_at``, and after them: a row is younger than the message that carries it, so
# that the sweeper, which compares it with a queue's head, never takes what is in that head for lost.
_SENT = "UPDATE outbox_delivery SET state = 'sent', sent_at = to_timestamp(%s) WHERE id = ANY(%s)"

Send = Callable[[str, list[str]], None]
"""``send(subscriber, envelopes)``: puts one message on the subscriber's queue; raises when the broker is down."""

Room = Callable[[str], int]
"""``room(subscriber)``: how many more messages that queue may take now; raises when the broker is down."""


def boundless(_: str) -> int:
    """Room for a whole claim, always."""
    return int(settings.OUTBOX_CLAIM)


def relay_once(send: Send, room: Room = boundless) -> int:
    """Send one claim's worth of due deliveries to each subscriber that has room; gives how many were seen to.

    What a full queue has no room for stays in the outbox, where it costs no memory.
    """
    topic = SERVICES[settings.SERVICE_NAME].topic
    return sum(_relay_to(name, send, room(name)) for name in subscribers(topic))


def _relay_to(subscriber: str, send: Send, room: int) -> int:
    """The rows stay locked until the broker has them, so two relays never send the same row; when the
    broker refuses, the claim is rolled back and nothing has happened. A crash between the broker's
    answer and the commit sends twice, which consumers tell by the event's id and version.
    """
    limit = min(settings.OUTBOX_CLAIM, room * settings.OUTBOX_BATCH)
    if limit <= 0:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [subscriber, limit])
        rows = cursor.fetchall()
        due = [row for row in rows if not row[-1]]
        if len(due) < len(rows):
            cursor.execute(_HELD, [[row[0] for row in rows if row[-1]]])
        for batch in batched(due, settings.OUTBOX_BATCH):
            send(subscriber, [envelope for _, envelope, *_ in batch])
        if due:
            cursor.execute(_SENT, [time.time(), [row[0] for row in due]])
    _record_spans(subscriber, due)
    return len(rows)


def _record_spans(subscriber: str, rows: list[tuple[Any, ...]]) -> None:
    for _, _, type_, created_at, traceparent, _ in rows:
        past_span(f"relay {type_}", traceparent, since=created_at, subscriber=subscriber)
