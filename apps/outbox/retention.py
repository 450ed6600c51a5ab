"""What is forgotten: that a subscriber has applied an event, after some weeks. The event itself is history: it stays as
long as ``HISTORY_KEEP_DAYS`` says, for ever when that is 0."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pgtrigger
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from apps.core import clock
from apps.outbox.models import Delivery, InboxRecord, OutboxEvent

BATCH = 1000


def forget_old() -> int:
    """Delete settled deliveries older than ``OUTBOX_KEEP_DAYS`` and, after twice that, the proof that this service
    applied an event; gives how many rows. A proof outlives the delivery, so none that comes again is applied again.
    What is undelivered and dead letters stay, however old, and so do their events."""
    kept = timedelta(days=settings.OUTBOX_KEEP_DAYS)
    now = clock.now()
    forgotten = _in_batches(InboxRecord.objects.filter(applied_at__lt=now - 2 * kept))
    forgotten += _in_batches(Delivery.objects.filter(state=Delivery.State.DONE, settled_at__lt=now - kept))
    return forgotten + forget_history()


def forget_history() -> int:
    """Delete settled events older than ``HISTORY_KEEP_DAYS``; gives how many. The only way by which history is
    removed."""
    if not settings.HISTORY_KEEP_DAYS:
        return 0
    before = clock.now() - timedelta(days=settings.HISTORY_KEEP_DAYS)
    unsettled = Delivery.objects.filter(event=OuterRef("pk")).exclude(state=Delivery.State.DONE)
    with pgtrigger.ignore("outbox.OutboxEvent:kept"):
        return _in_batches(OutboxEvent.objects.filter(~Exists(unsettled), created_at__lt=before))


def _in_batches(rows: QuerySet[Any]) -> int:
    """Short transactions: nobody waits for a clean-up."""
    total = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=ids).delete()
        total += len(ids)
    return total
