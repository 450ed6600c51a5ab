"""Taking due deliveries and handing them to the broker, many events per message, subscriber by subscriber."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import batched
from typing import Any, NamedTuple

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
_DUE = """
SELECT count(*) FROM (
  SELECT 1 FROM outbox_delivery WHERE subscriber = %s AND state = 'pending' AND due_at <= now() LIMIT %s) due
"""
_HELD = "UPDATE outbox_delivery SET state = 'held' WHERE id = ANY(%s)"
# By the clock of the messages' own ``sent_at``, and after them: a row is younger than the message that carries it, so
# that the sweeper, which compares it with a queue's head, never takes what is in that head for lost.
_SENT = "UPDATE outbox_delivery SET state = 'sent', sent_at = to_timestamp(%s) WHERE id = ANY(%s)"

Send = Callable[[str, list[str]], None]
"""``send(subscriber, envelopes)``: puts one message on the subscriber's queue; raises when the broker is down."""

Waiting = Callable[[str], int]
"""``waiting(subscriber)``: how many messages are in its queue now; raises when the broker is down."""

BUSY = 2
"""Messages in a queue that say that its subscriber has enough to do."""


class Relayed(NamedTuple):
    """How many deliveries were seen to, and whether due ones were left for a fuller message."""

    seen: int
    left: bool = False


def nothing_waits(_: str) -> int:
    """Every subscriber is idle."""
    return 0


def relay_once(send: Send, waiting: Waiting = nothing_waits) -> Relayed:
    """Send one claim's worth of due deliveries to each subscriber that has room for them.

    What a full queue has no room for stays in the outbox, where it costs no memory. A subscriber that is busy gets
    full messages only: many events cost it little more than one.
    """
    topic = SERVICES[settings.SERVICE_NAME].topic
    relayed = [_relay_to(name, send, waiting(name)) for name in subscribers(topic)]
    return Relayed(sum(one.seen for one in relayed), any(one.left for one in relayed))


def _relay_to(subscriber: str, send: Send, waiting: int) -> Relayed:
    room = settings.OUTBOX_QUEUE_LIMIT - waiting
    limit = min(settings.OUTBOX_CLAIM, room * settings.OUTBOX_BATCH)
    if limit <= 0:
        return Relayed(0)
    if waiting >= BUSY and (due := _due(subscriber)) < settings.OUTBOX_BATCH:
        return Relayed(0, left=due > 0)
    return Relayed(_claim(subscriber, send, limit))


def _due(subscriber: str) -> int:
    """How many deliveries could be sent now, up to a full message."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [subscriber, settings.OUTBOX_BATCH])
        return int(cursor.fetchone()[0])


def _claim(subscriber: str, send: Send, limit: int) -> int:
    """The rows stay locked until the broker has them, so two relays never send the same row; when the
    broker refuses, the claim is rolled back and nothing has happened. A crash between the broker's
    answer and the commit sends twice, which consumers tell by the event's id and version.
    """
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
