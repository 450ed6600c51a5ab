from __future__ import annotations

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection

from apps.outbox import inbox
from apps.outbox.envelope import CloudEvent
from apps.outbox.models import InboxRecord, OutboxEvent, Tombstone
from apps.saga.errors import EngineFailed

pytestmark = pytest.mark.django_db
TYPE = "catalog.test.ThingChanged.v1"


@pytest.fixture
def seen(monkeypatch):
    """A handler that leaves a row per event, so that what was rolled back is visible; a batch may take its time."""
    monkeypatch.setattr(inbox, "_handlers", {})
    monkeypatch.setattr(inbox, "PATIENCE_SECONDS", 60.0)
    behaviour = {"raise": None}

    @inbox.handles(TYPE)
    def handler(event: CloudEvent) -> None:
        Tombstone.objects.create(kind="seen", aggregate_id=event.subject, version=event.aggregateversion)
        if behaviour["raise"] is not None and event.data.get("poison"):
            raise behaviour["raise"]

    return behaviour


def event(**data) -> CloudEvent:
    from apps.core.ids import uuid7

    return CloudEvent(type=TYPE, source="pricing", subject=str(uuid7()), aggregateversion=1, data=data)


def test_an_event_delivered_twice_takes_effect_once(seen):
    once = event()
    assert [r.outcome for r in inbox.consume([once, once])] == ["ack", "ack"]
    assert [r.outcome for r in inbox.consume([once])] == ["ack"]
    assert Tombstone.objects.count() == 1


def test_a_poison_event_is_refused_with_its_reason_and_stops_no_other(seen):
    seen["raise"] = KeyError("name")
    receipts = inbox.consume([event(), event(poison=True), event()])
    assert [r.outcome for r in receipts] == ["ack", "nack", "ack"]
    assert "KeyError" in receipts[1].reason
    assert Tombstone.objects.count() == InboxRecord.objects.count() == 2


def test_a_database_that_is_down_is_waited_for_not_refused(seen):
    seen["raise"] = OperationalError("server closed the connection")
    assert [r.outcome for r in inbox.consume([event(poison=True)])] == ["wait"]
    assert not InboxRecord.objects.exists()


def test_a_database_that_takes_no_writes_for_a_while_is_waited_for(seen):
    """A failover, or a disk that is full: PostgreSQL calls it an internal error."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    (receipt,) = inbox.consume([event()])
    assert (receipt.outcome, "read-only" in receipt.reason) == ("wait", True)


def test_what_is_down_for_one_event_is_not_asked_again_for_the_others_of_its_type(seen, monkeypatch):
    seen["raise"] = OperationalError("server closed the connection")
    asked = []
    inbox.handles("catalog.test.Other.v1")(lambda event: asked.append(event.id))
    poison = event(poison=True)
    other = CloudEvent(
        type="catalog.test.Other.v1", source="pricing", subject="x", aggregateversion=1, data={}
    )
    receipts = inbox.consume([poison, event(), other])
    assert [r.outcome for r in receipts] == ["wait", "wait", "ack"]
    assert asked == [other.id]
    assert not Tombstone.objects.exists()


def test_what_an_engine_cannot_do_for_one_process_keeps_no_other_waiting(seen):
    seen["raise"] = EngineFailed("its timer's job ends in an error")
    receipts = inbox.consume([event(poison=True), event()])
    assert [r.outcome for r in receipts] == ["wait", "ack"]


def test_what_a_hanging_part_leaves_no_time_for_waits_and_is_not_refused(seen):
    seen["raise"] = SoftTimeLimitExceeded()
    receipts = inbox.consume([event(), event(poison=True), event()])
    assert [r.outcome for r in receipts] == ["ack", "wait", "wait"]
    assert InboxRecord.objects.count() == 1


def test_a_batch_that_takes_long_answers_for_what_it_did_and_leaves_the_rest(seen, monkeypatch):
    monkeypatch.setattr(inbox, "PATIENCE_SECONDS", -1.0)
    assert [r.outcome for r in inbox.consume([event(), event()])] == ["left", "left"]
    assert not InboxRecord.objects.exists()


def test_an_event_nobody_here_handles_is_acknowledged(seen):
    other = CloudEvent(
        type="catalog.test.Other.v1", source="pricing", subject="x", aggregateversion=1, data={}
    )
    assert [r.outcome for r in inbox.consume([other])] == ["ack"]


def test_what_a_handler_tells_of_names_the_event_that_caused_it(monkeypatch):
    from tests.services.characteristic.factories import CharacteristicFactory

    monkeypatch.setattr(inbox, "_handlers", {})
    inbox.handles(TYPE)(lambda _: CharacteristicFactory())
    cause = event()
    inbox.consume([cause])
    CharacteristicFactory()
    caused, by_a_person = OutboxEvent.objects.order_by("id")
    assert caused.envelope["causationid"] == cause.id
    assert "causationid" not in by_a_person.envelope
