"""Whatever people, the saga and the clock do, in whatever order: nothing twice, nothing early, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core import clock
from apps.core.actor import MANAGER, Actor
from apps.core.errors import SuiteError
from apps.core.ids import uuid7
from catalog_services.offering.actions.offering_delete import offering_delete
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.offering_retire import offering_retire
from catalog_services.offering.actions.offering_schedule import offering_schedule
from catalog_services.offering.actions.offering_update import offering_update
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.actions.scheduled_change_cancel import scheduled_change_cancel
from catalog_services.offering.actions.scheduled_change_retry import scheduled_change_retry
from catalog_services.offering.models import Offering, Publication, ScheduledChange
from tests.services.offering.conftest import MONA
from tests.services.offering.factories import CompleteOfferingFactory
from tests.services.offering.schedules import NOW, confirm, tick

pytestmark = pytest.mark.django_db
ANNA = Actor(uuid7(), "anna", frozenset({MANAGER}))

MINUTES = st.integers(-5, 60)
STEPS = st.one_of(
    st.tuples(st.just("schedule"), st.sampled_from(["PUBLISH", "RETIRE"]), MINUTES),
    st.tuples(st.sampled_from(["cancel", "retry"]), st.sampled_from(["PUBLISH", "RETIRE"])),
    st.tuples(st.just("wait"), st.integers(0, 45)),
    st.tuples(st.just("clock_back"), st.integers(1, 45)),
    st.tuples(st.just("edit"), st.booleans()),
    st.tuples(st.just("settle"), st.booleans()),
    st.sampled_from([("publish",), ("retire",), ("delete",)]),
)


@dataclass
class Life:
    """An offering through a history; ``by_hand`` counts the publications that nobody scheduled."""

    offering: Offering
    now: datetime = NOW
    by_hand: int = 0
    retired_by_hand: int = 0

    def do(self, name: str, *arguments) -> None:
        with clock.pinned(self.now), suppress(SuiteError):
            getattr(self, name)(*arguments)

    def schedule(self, kind: str, minutes: int) -> None:
        at = self.now + timedelta(minutes=minutes)
        offering_schedule(actor=MONA, id=self.offering.pk, kind=kind, at=at)
        assert minutes > 0

    def cancel(self, kind: str) -> None:
        self._latest(kind, lambda row: scheduled_change_cancel(actor=MONA, id=row.pk))

    def retry(self, kind: str) -> None:
        self._latest(kind, lambda row: scheduled_change_retry(actor=ANNA, id=row.pk))

    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes, seconds=6)
        tick(self.now)
        if self.status != "PUBLISHING":
            assert not ScheduledChange.objects.filter(state="PENDING", at__lte=self.now).exists()

    def clock_back(self, minutes: int) -> None:
        self.now -= timedelta(minutes=minutes)
        tick(self.now)

    def edit(self, complete: bool) -> None:
        offering_update(
            actor=MONA, id=self.offering.pk, fields={"sales_channels": ["web"] if complete else []}
        )

    def publish(self) -> None:
        offering_publish(actor=MONA, id=self.offering.pk)
        self.by_hand += 1

    def settle(self, well: bool) -> None:
        """The saga comes to its end."""
        running = Publication.objects.filter(state="REQUESTED").first()
        if running and well:
            confirm(self.offering)
            Publication.objects.filter(pk=running.pk).update(state="DONE")
        elif running:
            publication_cancel(actor=MONA, id=running.pk)

    def retire(self) -> None:
        offering_retire(actor=MONA, id=self.offering.pk)
        self.retired_by_hand += 1

    def delete(self) -> None:
        offering_delete(actor=MONA, id=self.offering.pk)

    def _latest(self, kind: str, act: Callable[[ScheduledChange], object]) -> None:
        if row := ScheduledChange.objects.filter(kind=kind).order_by("-created_at", "-id").first():
            act(row)

    @property
    def status(self) -> str:
        row = Offering.objects.filter(pk=self.offering.pk).first()
        return row.lifecycle_status if row else "DELETED"

    def check(self) -> None:
        """What holds at any time."""
        changes, status = list(ScheduledChange.objects.all()), self.status
        if status == "DELETED":
            assert changes == []
            return
        carried_out = [row for row in changes if row.state == "CARRIED_OUT"]
        publishes = [row.publication_id for row in carried_out if row.kind == "PUBLISH"]
        assert len(set(publishes)) == len(publishes)
        assert None not in publishes
        assert Publication.objects.count() == self.by_hand + len(publishes)
        retires = [row for row in carried_out if row.kind == "RETIRE"]
        assert len(retires) + self.retired_by_hand == (status == "RETIRED")
        assert all(row.ended_at >= row.at for row in carried_out if row.ended_by != ANNA.username)
        assert all(row.reason for row in changes if row.state in {"FAILED", "CANCELLED"})
        open_ = [row.kind for row in changes if row.state in {"PENDING", "FAILED"}]
        assert len(set(open_)) == len(open_)
        assert status != "RETIRED" or not open_
        assert status != "PUBLISHED" or "PUBLISH" not in open_


@settings(max_examples=150, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(history=st.lists(STEPS, max_size=25))
def test_nothing_happens_twice_or_early_and_nothing_is_lost(history):
    with transaction.atomic():
        life = Life(CompleteOfferingFactory())
        for step in history:
            life.do(*step)
            life.check()
        for _ in range(3):
            life.do("settle", True)
            life.do("wait", 24 * 60)
            life.check()
        assert not ScheduledChange.objects.filter(state="PENDING").exists()
        transaction.set_rollback(True)
