"""Events a subscriber refused for good: looking at them, sending them again, giving them up."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat

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
        found = rows.select_related(None).select_for_update().values_list("pk", "subscriber", "subject")
        keys = []
        for key, subscriber, subject in found:
            keys.append(key)
            waiting[subscriber].add(subject)
        Delivery.objects.filter(pk__in=keys).update(
            state=Delivery.State.DONE, settled_at=clock.now(), reason=Concat(Value("given up: "), F("reason"))
        )
        for subscriber, subjects in waiting.items():
            let_go_on(subscriber, subjects)
    return len(keys)
