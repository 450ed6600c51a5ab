from __future__ import annotations

import pytest
from jsonschema import ValidationError

from apps.core.actor import SYSTEM
from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent
from catalog_services.characteristic.actions.characteristic_update import characteristic_update
from tests.services.characteristic.factories import CharacteristicFactory
from tests.support.event_schemas import check_recorded_events

pytestmark = pytest.mark.django_db


def test_events_carry_what_their_schema_says(api):
    row = CharacteristicFactory()
    characteristic_update(actor=SYSTEM, id=row.pk, fields={"description": "new", "external_id": "C-1"})
    assert check_recorded_events() == {
        "catalog.characteristic.CharacteristicCreated.v1",
        "catalog.characteristic.CharacteristicUpdated.v1",
    }
    assert (
        "catalog.characteristic.CharacteristicDeleted.v1"
        in api(None).get("/api/v1/characteristic/events").json()
    )


def test_a_field_that_the_schema_does_not_know_is_found():
    CharacteristicFactory()
    event = OutboxEvent.objects.get()
    event.pk, event.event_id = None, uuid7()
    event.envelope["data"]["colour"] = "red"
    event.save()
    with pytest.raises(ValidationError, match="colour"):
        check_recorded_events()
