"""What a subscriber answered, taken into the delivery rows."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from apps.core import clock
from apps.outbox import wakeup
from apps.outbox.envelope import Receipt
from apps.outbox.models import Delivery

BASE_SECONDS, CAP_SECONDS = 0.5, 60.0
MAX_REASON = 2000
WAIT_SECONDS = 0.5, 2.5
"""While infrastructure is down: as short after an hour as after a second, so that all goes on when it is back. The
consumer's own time-out keeps the pace: a row goes out again only after its answer."""


# An answer may come before the claim that sent the event is committed: it waits for that, or it would find nothing that
# was sent. In the order in which the index gives them to ``_FINISH``, which waits by itself and is all that acks need.
_LOCK = """
SELECT d.id FROM outbox_delivery d JOIN outbox_outboxevent e ON e.id = d.event_id
 WHERE e.event_id = ANY(%s::uuid[]) AND d.subscriber = %s
 ORDER BY e.event_id
   FOR UPDATE OF d
"""

_FINISH = """
UPDATE outbox_delivery d SET state = 'done', settled_at = %s, reason = ''
  FROM outbox_outboxevent e
 WHERE e.event_id = ANY(%s::uuid[]) AND d.event_id = e.id AND d.subscriber = %s AND d.state <> 'done'
RETURNING d.subject, d.attempts
"""

# Tried again after 0.5 s doubling up to 60 s, with full jitter on the upper half.
_REFUSE = """
UPDATE outbox_delivery d
   SET attempts = d.attempts + 1, resends = 0, reason = r.reason,
       state = CASE WHEN r.final OR d.attempts + 1 >= %(most)s THEN 'dead' ELSE 'pending' END,
       due_at = %(now)s::timestamptz + make_interval(secs =>
           least(%(cap)s, %(base)s * power(2.0, least(d.attempts + 1, 16))) * (0.5 + random() / 2))
  FROM unnest(%(ids)s::uuid[], %(reasons)s::text[], %(final)s::boolean[]) r(event_id, reason, final)
  JOIN outbox_outboxevent e ON e.event_id = r.event_id
 WHERE d.event_id = e.id AND d.subscriber = %(subscriber)s AND d.state = 'sent'
"""


def settle(subscriber: str, receipts: list[Receipt]) -> None:
    """Acked deliveries are done; refused ones are tried again with back-off and end as dead letters; those that
    met infrastructure down are tried again for as long as it takes, and those there was no time for at once.
    Repeating a receipt changes nothing."""
    acked = [receipt.event_id for receipt in receipts if receipt.outcome == "ack"]
    refused = {receipt.event_id: receipt for receipt in receipts if receipt.outcome in {"nack", "reject"}}
    with transaction.atomic():
        if len(acked) < len(receipts):
            _lock(subscriber, [receipt.event_id for receipt in receipts])
        if acked:
            let_go_on(subscriber, _finish(subscriber, acked))
        if refused:
            _refuse(subscriber, refused)
        _put_off(subscriber, [receipt for receipt in receipts if receipt.outcome in {"wait", "left"}])


def _lock(subscriber: str, event_ids: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [event_ids, subscriber])


def _finish(subscriber: str, event_ids: list[str]) -> set[str]:
    """Gives the subjects whose later events a refusal may have held back until now."""
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, [clock.now(), event_ids, subscriber])
        return {subject for subject, attempts in cursor.fetchall() if attempts}


def let_go_on(subscriber: str, subjects: Collection[str]) -> None:
    """What was held back behind events of ``subjects`` may go; an earlier one that is still refused holds it again."""
    if subjects:
        held = Delivery.objects.filter(subscriber=subscriber, state=Delivery.State.HELD)
        held.filter(subject__in=subjects).update(state=Delivery.State.PENDING)
        transaction.on_commit(wakeup.wake_relay)


def _put_off(subscriber: str, receipts: list[Receipt]) -> None:
    """What was answered together goes out together again: an outage costs a message now and then, however much waits
    for its end."""
    pause = timedelta(seconds=random.uniform(*WAIT_SECONDS))  # noqa: S311 (not for secrets)
    alike: dict[tuple[str, str], list[str]] = defaultdict(list)
    for receipt in receipts:
        alike[receipt.outcome, receipt.reason[:MAX_REASON]].append(receipt.event_id)
    for (outcome, reason), event_ids in alike.items():
        _unanswered(subscriber, event_ids).update(
            state=Delivery.State.PENDING,
            resends=0,  # any answer ends a silence
            reason=reason,
            due_at=clock.now() + (pause if outcome == "wait" else timedelta()),
        )
        if outcome == "left":
            transaction.on_commit(wakeup.wake_relay)


def _refuse(subscriber: str, refused: Mapping[str, Receipt]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _REFUSE,
            {
                "subscriber": subscriber,
                "now": clock.now(),
                "most": settings.OUTBOX_MAX_ATTEMPTS,
                "base": BASE_SECONDS,
                "cap": CAP_SECONDS,
                "ids": list(refused),
                "reasons": [receipt.reason[:MAX_REASON] for receipt in refused.values()],
                "final": [receipt.outcome == "reject" for receipt in refused.values()],
            },
        )


def _unanswered(subscriber: str, event_ids: Iterable[str]) -> QuerySet[Delivery]:
    """Without those that a second delivery's receipt settled meanwhile."""
    sent = Delivery.objects.filter(subscriber=subscriber, state=Delivery.State.SENT)
    return sent.filter(event__event_id__in=event_ids)
