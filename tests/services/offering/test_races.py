"""Timer, confirmation, cancel and reconciler at the same moment: one outcome, and everybody follows it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import combinations
from typing import Any

import pytest
from django.db import connections

from apps.core import clock
from apps.core.errors import Conflict, NotFound
from apps.outbox.models import OutboxEvent
from apps.saga.client import Engine
from apps.saga.execution import execute
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.actions.publication_reconcile import publication_reconcile
from catalog_services.offering.models import Publication
from tests.services.offering.conftest import MONA, Publishing

pytestmark = pytest.mark.django_db(transaction=True)

RIVALS = ("confirm", "timer", "cancel", "reconciler")
RACES = [names for size in (2, 3, 4) for names in combinations(RIVALS, size)]
MOST_APART_SECONDS = 0.03


class Race:
    """A publication whose confirmation is next, and rivals that all want to move it now."""

    def __init__(self, publishing: Publishing) -> None:
        self.publishing, self.saga = publishing, publishing.saga
        self.held: set[str] = set()
        self.shown: set[str] = set()
        behave = self.saga.behave
        behave["lock-prices"] = lambda step: self.held.add(step.publication_id)
        behave["create-store-entry"] = lambda step: self.shown.add(step.publication_id)
        behave["unlock-prices"] = behave["release-prices"] = lambda step: self.held.discard(
            step.publication_id
        )
        behave["delete-store-entry"] = lambda step: self.shown.discard(step.publication_id)
        self.row = publishing.begin()
        publishing.work(until=lambda: bool(self.shown))

    def confirm(self) -> None:
        """A worker takes the step that is next, whatever that is."""
        self._serve("racer", 1)

    def timer(self) -> None:
        with suppress(NotFound):
            Engine().fire_timers(self.row.process_id)

    def cancel(self) -> None:
        with suppress(Conflict):
            publication_cancel(actor=MONA, id=self.row.pk)

    def reconciler(self) -> None:
        Publication.objects.filter(pk=self.row.pk).update(review_at=clock.now())
        publication_reconcile(id=self.row.pk)

    def _serve(self, name: str, tasks: int) -> None:
        engine = Engine()
        found = engine.fetch_and_lock(self.saga.topics, name, max_tasks=tasks, lock_seconds=5, wait_seconds=1)
        execute([self.saga.plain(task) for task in found], self.saga.steps, engine)

    def run(self, rivals: tuple[str, ...], chance: random.Random) -> None:
        start, failures = threading.Barrier(len(rivals)), []

        def take_part(move: Callable[[], None], pause: float) -> None:
            try:
                start.wait()
                time.sleep(pause)
                move()
            except Exception as error:  # told by the test
                failures.append(error)
            finally:
                connections.close_all()

        threads = [
            threading.Thread(
                target=take_part, args=(getattr(self, name), chance.uniform(0, MOST_APART_SECONDS))
            )
            for name in rivals
        ]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert not failures

    def settle(self) -> Publication:
        """What is left to do is done, in the suite's own ways: steps, the cancel's event, reviews."""
        events = OutboxEvent.objects.filter(type="catalog.offering.PublicationCancelled.v1")
        if events.filter(subject=str(self.row.pk)).exists():
            self.publishing.deliver("PublicationCancelled")
        self.publishing.work()
        if self.publishing.row.state not in {"DONE", "FAILED"}:
            self.publishing.due()
        told = OutboxEvent.objects.filter(type="catalog.offering.PublicationFailed.v1")
        if told.filter(subject=str(self.row.pk)).exists():  # pricing and the store undo what is left
            self.held.discard(str(self.row.pk))
            self.shown.discard(str(self.row.pk))
        self.publishing.offering.refresh_from_db()
        return self.publishing.row


@pytest.mark.parametrize("rivals", RACES, ids="+".join)
def test_whoever_is_quicker_there_is_one_outcome(
    publishing: Publishing, rivals: tuple[str, ...], settings: Any
) -> None:
    race = Race(publishing)
    race.run(rivals, random.Random("+".join(rivals)))
    row = race.settle()
    outcome = (row.state, publishing.offering.lifecycle_status, len(race.held), len(race.shown))
    assert outcome in {("DONE", "PUBLISHED", 0, 1), ("FAILED", "DRAFT", 0, 0)}
    assert (row.failure is None) == (row.state == "DONE")
    assert not race.saga.instance.running
    ends = OutboxEvent.objects.filter(
        type="catalog.offering.OfferingUpdated.v1", subject=str(publishing.offering.pk)
    )
    assert ends.count() == 2, "PUBLISHING, and one outcome"
