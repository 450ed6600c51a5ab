from __future__ import annotations

import pytest
from django.db import transaction

from apps.core import correlation
from apps.core.actor import SYSTEM
from apps.outbox.envelope import CloudEvent
from apps.outbox.models import Delivery, OutboxEvent
from apps.outbox.record import record_event

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_outside_a_transaction_is_refused():
    with pytest.raises(RuntimeError, match="transaction of its change"):
        record_event("catalog.characteristic.CharacteristicCreated.v1", "x", 1, {}, actor=SYSTEM)
    assert not OutboxEvent.objects.exists()


def test_a_change_rolled_back_leaves_no_event(changes):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        changes()
        raise ZeroDivisionError
    assert not OutboxEvent.objects.exists()
    assert not Delivery.objects.exists()


def test_every_subscriber_gets_a_delivery_of_its_own(changes):
    changes()
    assert sorted(Delivery.objects.values_list("subscriber", flat=True)) == ["specification", "store"]


def test_the_event_carries_the_whole_state_and_who_where_and_why(changes):
    with correlation.bound("click-1"):
        (row,) = changes()
    event = CloudEvent.from_wire(OutboxEvent.objects.get().envelope)
    assert event.source == "characteristic"
    assert event.subject == str(row.pk) == event.data["id"]
    assert event.aggregateversion == row.version == event.data["version"]
    assert event.data["values"] == row.values
    assert event.correlationid == "click-1"
    assert event.actor == "system"
