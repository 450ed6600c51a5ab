"""Events a subscriber refused for good: looking at them and sending them again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from apps.core import clock
from apps.outbox import wakeup
from apps.outbox.models import Delivery


def dead_letters(*, subscriber: str = "", subject: str = "") -> QuerySet[Delivery]:
    """Dead deliveries in the order of their events, narrowed when asked."""
    rows = Delivery.objects.filter(state=Delivery.State.DEAD).select_related("event").order_by("id")
    if subscriber:
        rows = rows.filter(subscriber=subscriber)
    return rows.filter(subject=subject) if subject else rows


def replay(rows: QuerySet[Delivery]) -> int:
    """Send dead letters again; gives how many. ``attempts`` stays above 0, so what waits behind them goes on
    waiting until they are through and everything arrives in order."""
    with transaction.atomic():
        count = rows.update(state=Delivery.State.PENDING, attempts=1, due_at=clock.now())
        transaction.on_commit(wakeup.wake_relay)
    return count
