"""Taking due deliveries and handing them to the broker, many events per message, subscriber by subscriber."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from itertools import batched
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction

from apps.observability import metrics
from apps.observability.tracing import past_span
from apps.outbox.relay.broker import BUSY
from config.services import SERVICES

BEHIND_A_REFUSAL = """EXISTS (
  SELECT 1 FROM outbox_delivery b
   WHERE b.subscriber = d.subscriber AND b.subject = d.subject AND b.id < d.id
     AND b.attempts > 0 AND b.state <> 'done')"""
"""Whether delivery ``d`` waits, for its subscriber only: an earlier event of its subject was refused."""

# No pause is longer than a minute: what is due later than that was written by a clock that has been put right since.
_IS_DUE = "state = 'pending' AND (due_at <= now() OR due_at > now() + interval '2 minutes')"
# What waits for a refusal is put aside, so that however much waits, no claim looks at it twice.
_CLAIM = f"""
SELECT d.id, e.envelope::text, e.type, extract(epoch FROM e.created_at)::float8,
       coalesce(e.envelope->>'traceparent', ''), {BEHIND_A_REFUSAL}
  FROM outbox_delivery d JOIN outbox_outboxevent e ON e.id = d.event_id
 WHERE subscriber = %s AND {_IS_DUE}
 ORDER BY d.id
 LIMIT %s
   FOR UPDATE OF d SKIP LOCKED
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


class _Row(NamedTuple):
    """A due delivery as ``_CLAIM`` gives it; ``created_at`` in Unix seconds."""

    id: int
    envelope: str
    type: str
    created_at: float
    traceparent: str
    is_held: bool


def idle(_: str) -> int:
    """Every subscriber is idle."""
    return 0


def relay_once(send: Send, load: Load = idle) -> Relayed:
    """Send one claim's worth of due deliveries to each subscriber that has room for them.

    What a full queue has no room for stays in the outbox, where it costs no memory. A subscriber that is busy gets
    full messages only: many events cost it little more than one.
    """
    limits: dict[str, int] = {}
    left = False
    for name in SERVICES[settings.SERVICE_NAME].subscribers:
        messages = load(name)
        limit = min(settings.OUTBOX_CLAIM, (settings.OUTBOX_QUEUE_LIMIT - messages) * settings.OUTBOX_BATCH)
        if limit <= 0:
            continue
        if messages >= BUSY and (due := _due(name)) < settings.OUTBOX_BATCH:
            left |= due > 0
        else:
            limits[name] = limit
    return Relayed(_claim(limits, send), left)


def _due(subscriber: str) -> int:
    """How many deliveries could be sent now, up to a full message."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [subscriber, settings.OUTBOX_BATCH])
        return int(cursor.fetchone()[0])


def _claim(limits: Mapping[str, int], send: Send) -> int:
    """The rows stay locked until the broker has them, so two relays never send the same row; when the
    broker refuses, the claim is rolled back and nothing has happened. A crash between the broker's
    answer and the commit sends twice, which consumers tell by the event's id and version.
    """
    claimed: dict[str, list[_Row]] = {}
    held: list[int] = []
    with transaction.atomic(), connection.cursor() as cursor:
        for subscriber, limit in limits.items():
            cursor.execute(_CLAIM, [subscriber, limit])
            rows = [_Row(*row) for row in cursor.fetchall()]
            claimed[subscriber] = [row for row in rows if not row.is_held]
            held += [row.id for row in rows if row.is_held]
        for subscriber, rows in claimed.items():
            for batch in batched(rows, settings.OUTBOX_BATCH):
                send(subscriber, [row.envelope for row in batch])
        if held:
            cursor.execute(_HELD, [held])
        if sent := [row.id for rows in claimed.values() for row in rows]:
            cursor.execute(_SENT, [time.time(), sent])
    _tell(claimed)
    return len(held) + len(sent)


def _tell(claimed: Mapping[str, list[_Row]]) -> None:
    now = time.time()
    for subscriber, rows in claimed.items():
        delay = metrics.RELAY_DELAY.labels(subscriber)
        for row in rows:
            delay.observe(max(0.0, now - row.created_at))
            past_span(f"relay {row.type}", row.traceparent, since=row.created_at, subscriber=subscriber)
