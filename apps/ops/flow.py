"""What goes through a service at this moment: events, their deliveries, and what waits on the broker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from apps.core import clock
from apps.ops import queues
from apps.outbox import backlog
from apps.outbox.models import OutboxEvent
from config.services import SERVICES

Counts = Callable[[], dict[str, int]]
_parts: dict[str, Counts] = {}


def register(name: str, counts: Counts) -> None:
    """Add what only this service has: ``counts`` gives numbers by name, each from an index and bounded."""
    _parts[name] = counts


def parts() -> tuple[str, ...]:
    """The names of what was added."""
    return tuple(_parts)


def flow() -> dict[str, Any]:
    """``{"service", "at", "events_last_minute", "deliveries", "oldest_seconds", "queues"}`` and what was registered.

    ``deliveries`` are those that are not settled: subscriber -> state -> number. ``oldest_seconds``: subscriber -> how
    long its oldest event has been on its way, 0 when none is. ``queues``: name -> messages, None while the broker is
    down. Whatever is counted is counted up to ``backlog.COUNTED``.
    """
    now, ages = clock.now(), backlog.oldest()
    deliveries: dict[str, dict[str, int]] = defaultdict(dict)
    for (subscriber, state), count in backlog.by_subscriber().items():
        deliveries[subscriber][state] = count
    return {
        "service": settings.SERVICE_NAME,
        "at": clock.iso(now),
        "events_last_minute": up_to(
            OutboxEvent.objects.filter(created_at__gt=now - timedelta(minutes=1)).order_by("created_at")
        ),
        "deliveries": deliveries,
        "oldest_seconds": {
            name: round(ages.get(name, 0.0), 1) for name in SERVICES[settings.SERVICE_NAME].subscribers
        },
        "queues": queues.waiting(),
        **{name: counts() for name, counts in _parts.items()},
    }


def up_to(rows: QuerySet[Any]) -> int:
    """How many rows; ``backlog.COUNTED`` stands for that many or more."""
    return rows[: backlog.COUNTED].count()
