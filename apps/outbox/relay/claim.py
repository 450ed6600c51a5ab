"""Taking due deliveries and handing them to the broker, many events per message, subscriber by subscriber."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from apps.observability import metrics
from apps.observability.tracing import past_span
from apps.outbox.relay.broker import BUSY
from apps.outbox.relay.packing import SMALL_STORED, SMALL_TEXT, Due, Message, messages
from config.services import SERVICES

CLAIM_BYTES = 16_000_000
"""About what one claim sends a subscriber at most: its rows are locked for as long as that takes."""

BEHIND_A_REFUSAL = """EXISTS (
  SELECT 1 FROM outbox_delivery b
   WHERE b.subscriber = d.subscriber AND b.subject = d.subject AND b.id < d.id
     AND b.attempts > 0 AND b.state <> 'done')"""
"""Whether delivery ``d`` waits, for its subscriber only: an earlier event of its subject was refused."""

# No pause is longer than a minute: what is due later than that was written by a clock that has been put right since.
_IS_DUE = "state = 'pending' AND (due_at <= now() OR due_at > now() + interval '2 minutes')"
# What waits for a refusal is put aside, so that however much waits, no claim looks at it twice.
# Of a large event the text is not read here: there may be more of them than memory has room for.
_IS_SMALL = f"pg_column_size(e.envelope) <= {SMALL_STORED}"
_CLAIM = f"""
SELECT id, event, type, created_at, is_held, stored,
       CASE WHEN octet_length(text) <= {SMALL_TEXT} THEN text END, traceparent
  FROM (
SELECT d.id, e.id AS event, e.type, extract(epoch FROM e.created_at)::float8 AS created_at,
       {BEHIND_A_REFUSAL} AS is_held, pg_column_size(e.envelope) AS stored,
       CASE WHEN {_IS_SMALL} THEN e.envelope::text END AS text,
       CASE WHEN {_IS_SMALL} THEN coalesce(e.envelope->>'traceparent', '') END AS traceparent
  FROM outbox_delivery d JOIN outbox_outboxevent e ON e.id = d.event_id
 WHERE subscriber = %s AND {_IS_DUE}
 ORDER BY d.id
 LIMIT %s
   FOR UPDATE OF d SKIP LOCKED) claimed
"""  # noqa: S608 (constants, and so below)
_DUE = f"""
SELECT count(*) FROM (SELECT 1 FROM outbox_delivery WHERE subscriber = %s AND {_IS_DUE} LIMIT %s) due
"""  # noqa: S608
_HELD = "UPDATE outbox_delivery SET state = 'held' WHERE id = ANY(%s)"
# By the clock of the messages' own ``sent_at``, and after them: a row is younger than the message that carries it, so
# that the sweeper, which compares it with a queue's head, never takes what is in that head for lost.
_SENT = "UPDATE outbox_delivery SET state = 'sent', sent_at = to_timestamp(%s) WHERE id = ANY(%s)"

Send = Callable[[str, list[str]], None]
"""``send(subscriber, envelopes)``: puts one message on the subscriber's queue; raises when the broker is down."""

Load = Callable[[str], int]
"""``load(subscriber)``: how many messages it has to do now; raises when the broker is down."""


class Relayed(NamedTuple):
    """How many deliveries were seen to, and whether due ones were left for a fuller message."""

    seen: int
    left: bool = False


class _Room(NamedTuple):
    """What a subscriber is sent at once, at most."""

    messages: int
    events: int


def idle(_: str) -> int:
    """Every subscriber is idle."""
    return 0


def relay_once(send: Send, load: Load = idle) -> Relayed:
    """Send one claim's worth of due deliveries to each subscriber that has room for them.

    What a full queue has no room for stays in the outbox, where it costs no memory. A subscriber that is busy gets
    full messages only: many events cost it little more than one.
    """
    rooms: dict[str, _Room] = {}
    left = False
    for name in SERVICES[settings.SERVICE_NAME].subscribers:
        waiting = load(name)
        room = settings.OUTBOX_QUEUE_LIMIT - waiting
        if room <= 0:
            continue
        if waiting >= BUSY and (due := _due(name)) < settings.OUTBOX_BATCH:
            left |= due > 0
        else:
            rooms[name] = _Room(room, min(settings.OUTBOX_CLAIM, room * settings.OUTBOX_BATCH))
    return Relayed(_claim(rooms, send), left)


def _due(subscriber: str) -> int:
    """How many deliveries could be sent now, up to a full message."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [subscriber, settings.OUTBOX_BATCH])
        return int(cursor.fetchone()[0])


def _claim(rooms: Mapping[str, _Room], send: Send) -> int:
    """The rows stay locked until the broker has them, so two relays never send the same row; when the
    broker refuses, the claim is rolled back and nothing has happened. A crash between the broker's
    answer and the commit sends twice, which consumers tell by the event's id and version.
    """
    sent: dict[str, list[Due]] = {}
    held: list[int] = []
    with transaction.atomic(), connection.cursor() as cursor:
        for subscriber, room in rooms.items():
            cursor.execute(_CLAIM, [subscriber, room.events])
            rows = [Due(*row) for row in cursor.fetchall()]
            held += [row.id for row in rows if row.is_held]
            due = (row for row in rows if not row.is_held)
            sent[subscriber] = _sent(subscriber, messages(due, cursor), room.messages, send)
        if held:
            cursor.execute(_HELD, [held])
        if ids := [row.id for rows in sent.values() for row in rows]:
            cursor.execute(_SENT, [time.time(), ids])
    _tell(sent)
    return len(held) + len(ids)


def _sent(subscriber: str, waiting: Iterable[Message], most: int, send: Send) -> list[Due]:
    """Send up to ``most`` messages, or until they have ``CLAIM_BYTES``; gives what was in them."""
    sent: list[Due] = []
    size = 0
    for message in islice(waiting, most):
        send(subscriber, message.envelopes)
        sent += message.rows
        size += message.size
        if size >= CLAIM_BYTES:
            break
    return sent


def _tell(sent: Mapping[str, list[Due]]) -> None:
    now = time.time()
    for subscriber, rows in sent.items():
        delay = metrics.RELAY_DELAY.labels(subscriber)
        for row in rows:
            delay.observe(max(0.0, now - row.created_at))
            past_span(f"relay {row.type}", row.traceparent or "", since=row.created_at, subscriber=subscriber)
