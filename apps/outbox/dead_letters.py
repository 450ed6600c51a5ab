"""Events a subscriber refused for good: looking at them, sending them again, giving them up."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.db.models import QuerySet

from apps.core import clock
from apps.outbox import wakeup
from apps.outbox.models import Delivery
from apps.outbox.receipts import let_go_on


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
        count = rows.select_related(None).update(state=Delivery.State.PENDING, attempts=1, due_at=clock.now())
        transaction.on_commit(wakeup.wake_relay)
    return count


def give_up(rows: QuerySet[Delivery]) -> int:
    """Never send these dead letters again; gives how many. The aggregates' later events go on: each carries the whole
    state, so what the subscriber misses is made good by the next one."""
    waiting: dict[str, set[str]] = defaultdict(set)
    with transaction.atomic():
        for row in rows.select_related(None).select_for_update():
            row.state, row.settled_at = Delivery.State.DONE, clock.now()
            row.reason = f"given up: {row.reason}"
            row.save(update_fields=["state", "settled_at", "reason"])
            waiting[row.subscriber].add(row.subject)
        for subscriber, subjects in waiting.items():
            let_go_on(subscriber, subjects)
    return sum(map(len, waiting.values()))
