from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command

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


@pytest.mark.parametrize("state", ["pending", "held", "sent", "dead"])
def test_what_waits_for_a_service_that_subscribes_no_more_is_forgotten_with_its_time(
    changes, settings, state
):
    """Nobody sends it, and its event would be kept for ever."""
    settings.HISTORY_KEEP_DAYS = 365
    with clock.pinned(days_ago(366)):
        changes()
    with clock.pinned(days_ago(29)):  # an old relay may not know a new subscriber yet
        changes()
    Delivery.objects.filter(subscriber="store").update(state="done", settled_at=days_ago(31))
    Delivery.objects.filter(subscriber="specification").update(subscriber="gone", state=state)
    retention.forget_old()
    assert Delivery.objects.count() == 1
    assert OutboxEvent.objects.count() == 1


def test_the_proof_that_an_event_was_applied_outlives_the_event():
    for days in (31, 59, 61, 62, 63):
        InboxRecord.objects.create(event_id=uuid7(), applied_at=days_ago(days))
    assert retention.forget_old() == 3
    assert InboxRecord.objects.count() == 2


def settled(changes, *, days: int) -> None:
    with clock.pinned(days_ago(days)):
        changes()
    Delivery.objects.update(state="done", settled_at=days_ago(days))


def test_the_command_says_how_much_before_it_forgets_it(changes, settings, capsys):
    settings.HISTORY_KEEP_DAYS = 0
    settled(changes, days=31)
    call_command("retention", "--dry-run")
    told = capsys.readouterr().out
    assert "settled deliveries: 2 older than 30 days would be forgotten (OUTBOX_KEEP_DAYS)" in told
    assert "events, which are the history: kept for ever (HISTORY_KEEP_DAYS)" in told
    assert Delivery.objects.count() == 2
    call_command("retention")
    assert "settled deliveries: 2 older than 30 days forgotten" in capsys.readouterr().out
    assert not Delivery.objects.exists()


def test_a_dry_run_leaves_the_history_alone(changes, settings):
    settings.HISTORY_KEEP_DAYS = 365
    settled(changes, days=400)
    call_command("retention", "--dry-run")
    assert OutboxEvent.objects.count() == 1
    call_command("retention")
    assert not OutboxEvent.objects.exists()


def test_it_forgets_what_each_app_declares(settings, capsys):
    call_command("retention", "--dry-run")
    assert "imports and exports: 0 older than" in capsys.readouterr().out
