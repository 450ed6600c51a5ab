"""Events are not kept for ever: what every subscriber has applied is forgotten after some weeks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from apps.core import clock
from apps.outbox.models import Delivery, InboxRecord, OutboxEvent

BATCH = 1000


def forget_old() -> int:
    """Delete settled events older than ``OUTBOX_KEEP_DAYS`` and, after twice that, the proof that this service applied
    one; gives how many rows. A proof outlives its event, so none that comes again is applied again. Undelivered
    events and dead letters stay, however old."""
    kept = timedelta(days=settings.OUTBOX_KEEP_DAYS)
    now = clock.now()
    return _forget_events(now - kept) + _in_batches(InboxRecord.objects.filter(applied_at__lt=now - 2 * kept))


def _forget_events(before: datetime) -> int:
    unsettled = Delivery.objects.filter(event=OuterRef("pk")).exclude(state=Delivery.State.DONE)
    return _in_batches(OutboxEvent.objects.filter(~Exists(unsettled), created_at__lt=before))


def _in_batches(rows: QuerySet[Any]) -> int:
    """Short transactions: nobody waits for a clean-up."""
    total = 0
    while ids := list(rows.values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=ids).delete()
        total += len(ids)
    return total
