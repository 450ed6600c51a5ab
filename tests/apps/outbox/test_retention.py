from __future__ import annotations

from datetime import timedelta

import pytest

from apps.core import clock
from apps.core.ids import uuid7
from apps.outbox import retention
from apps.outbox.models import Delivery, InboxRecord, OutboxEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small(settings, monkeypatch):
    settings.OUTBOX_KEEP_DAYS = 30
    monkeypatch.setattr(retention, "BATCH", 2)


def days_ago(days: float):
    return clock.now() - timedelta(days=days)


def test_that_everybody_applied_an_event_is_forgotten_and_the_event_is_history(changes):
    with clock.pinned(days_ago(4000)):
        changes(3)
    Delivery.objects.update(state="done", settled_at=days_ago(31))
    changes()
    recent = Delivery.objects.filter(settled_at=None).count()
    retention.forget_old()
    assert OutboxEvent.objects.count() == 4
    assert Delivery.objects.count() == recent


def test_history_goes_back_as_far_as_is_wanted(changes, settings):
    settings.HISTORY_KEEP_DAYS = 365
    with clock.pinned(days_ago(366)):
        changes(3)
    Delivery.objects.update(state="done", settled_at=days_ago(366))
    changes()
    retention.forget_old()
    assert OutboxEvent.objects.count() == 1


@pytest.mark.parametrize("state", ["pending", "sent", "dead"])
def test_what_somebody_has_not_applied_is_kept_however_old(changes, settings, state):
    with clock.pinned(days_ago(400)):
        changes()
    settings.HISTORY_KEEP_DAYS = 365
    Delivery.objects.update(state="done", settled_at=days_ago(400))
    Delivery.objects.filter(subscriber="store").update(state=state)
    retention.forget_old()
    assert OutboxEvent.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_the_proof_that_an_event_was_applied_outlives_the_event():
    for days in (31, 59, 61, 62, 63):
        InboxRecord.objects.create(event_id=uuid7(), applied_at=days_ago(days))
    assert retention.forget_old() == 3
    assert InboxRecord.objects.count() == 2
