"""What waits is told by subscriber, and only by a database that answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError

from apps.core import clock
from apps.outbox import backlog
from apps.outbox.metrics import DELIVERIES, OLDEST, OutboxCollector
from apps.outbox.models import Delivery

pytestmark = pytest.mark.django_db(transaction=True)


def told() -> dict[tuple[str, ...], float]:
    """``{(name, label values ...): value}``."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in OutboxCollector().collect()
        for sample in family.samples
    }


def test_what_is_on_its_way_is_counted_and_aged_by_subscriber(changes):
    with clock.pinned(clock.now() - timedelta(minutes=5)):
        changes(3)
    store = Delivery.objects.filter(subscriber="store").order_by("id")
    store.filter(pk=store[0].pk).update(state="dead")
    Delivery.objects.exclude(subscriber="store").update(state="done")
    figures = told()
    assert figures[DELIVERIES, "store", "pending"] == 2
    assert figures[DELIVERIES, "store", "dead"] == 1
    assert figures[OLDEST, "store"] == pytest.approx(300, abs=5)
    settled = {name for name, *_ in [key[1:] for key in figures]} - {"store"}
    assert settled
    for name in settled:
        assert figures[OLDEST, name] == 0
        assert figures[DELIVERIES, name, "pending"] == 0


def test_counting_stops_somewhere(changes, monkeypatch):
    monkeypatch.setattr(backlog, "COUNTED", 2)
    changes(3)
    assert told()[DELIVERIES, "store", "pending"] == 2


def test_while_the_database_is_down_there_is_nothing_to_tell(monkeypatch):
    def down() -> None:
        raise OperationalError("down")

    monkeypatch.setattr(backlog, "by_subscriber", down)
    assert told() == {}
