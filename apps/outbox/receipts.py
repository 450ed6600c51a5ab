"""What a subscriber answered, taken into the delivery rows."""

from __future__ import annotations

import random
from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from apps.core import clock
from apps.outbox import wakeup
from apps.outbox.envelope import Receipt
from apps.outbox.models import Delivery

BASE_SECONDS, CAP_SECONDS = 0.5, 60.0
WAIT_SECONDS = 0.5, 2.5
"""While infrastructure is down: as short after an hour as after a second, so that all goes on when it is back. The
consumer's own time-out keeps the pace: a row goes out again only after its answer."""


def settle(subscriber: str, receipts: list[Receipt]) -> None:
    """Acked deliveries are done; refused ones are tried again with back-off and end as dead letters; those that
    met infrastructure down are tried again for as long as it takes, and those there was no time for at once.
    Repeating a receipt changes nothing."""
    acked = [receipt.event_id for receipt in receipts if receipt.outcome == "ack"]
    with transaction.atomic():
        open_rows = Delivery.objects.filter(subscriber=subscriber, event__event_id__in=acked).exclude(
            state=Delivery.State.DONE
        )
        blocked = set(open_rows.filter(attempts__gt=0).values_list("subject", flat=True))
        open_rows.update(state=Delivery.State.DONE, settled_at=clock.now(), reason="")
        for receipt in receipts:
            if receipt.outcome != "ack":
                _retry_later(subscriber, receipt)
        let_go_on(subscriber, blocked)
        if any(receipt.outcome == "left" for receipt in receipts):
            transaction.on_commit(wakeup.wake_relay)


def let_go_on(subscriber: str, subjects: Collection[str]) -> None:
    """What was held back behind events of ``subjects`` may go; an earlier one that is still refused holds it again."""
    if subjects:
        held = Delivery.objects.filter(subscriber=subscriber, state=Delivery.State.HELD)
        held.filter(subject__in=subjects).update(state=Delivery.State.PENDING)
        transaction.on_commit(wakeup.wake_relay)


def _retry_later(subscriber: str, receipt: Receipt) -> None:
    row = (
        Delivery.objects.select_for_update()
        .filter(subscriber=subscriber, event__event_id=receipt.event_id, state=Delivery.State.SENT)
        .first()
    )
    if row is None:  # settled meanwhile by a second delivery's receipt
        return
    row.reason = receipt.reason[:2000]
    row.resends = 0  # any answer ends a silence
    row.state = Delivery.State.PENDING
    pause = 0.0 if receipt.outcome == "left" else random.uniform(*WAIT_SECONDS)  # noqa: S311 (not for secrets)
    if receipt.outcome in {"nack", "reject"}:
        row.attempts += 1
        pause = backoff(row.attempts)
        if receipt.outcome == "reject" or row.attempts >= settings.OUTBOX_MAX_ATTEMPTS:
            row.state = Delivery.State.DEAD
    row.due_at = clock.now() + timedelta(seconds=pause)
    row.save()


def backoff(tries: int) -> float:
    """Seconds until the next try after a refusal: 0.5 s doubling up to 60 s, with full jitter on its upper half."""
    ceiling = min(CAP_SECONDS, BASE_SECONDS * 2.0 ** min(tries, 16))
    return ceiling / 2 + random.uniform(0, ceiling / 2)  # noqa: S311 (not for secrets)
