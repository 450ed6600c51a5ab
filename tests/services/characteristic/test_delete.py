from __future__ import annotations

import pytest

from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent, Tombstone
from catalog_services.characteristic.models import Characteristic
from tests.services.characteristic.factories import CharacteristicFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/characteristics"


def test_one_that_nothing_uses_is_deleted_and_leaves_a_tombstone(api, neighbours):
    neighbours.answers("specification", "/api/v1/specifications", [])
    row = CharacteristicFactory()
    assert api("manager").delete(f"{URL}/{row.pk}", HTTP_IF_MATCH='"1"').status_code == 204
    assert Tombstone.objects.get().version == 2
    event = OutboxEvent.objects.last().envelope
    assert event["type"] == "catalog.characteristic.CharacteristicDeleted.v1"
    assert (event["aggregateversion"], event["data"]) == (2, {"id": str(row.pk)})


def test_one_that_a_specification_uses_stays_and_the_answer_names_it(api, neighbours):
    row = CharacteristicFactory()
    neighbours.answers(
        "specification", "/api/v1/specifications", [{"id": "s1", "name": "Fibre line"}], total=7
    )
    response = api("manager").delete(f"{URL}/{row.pk}")
    assert response.status_code == 409
    assert "used by 7 specifications: Fibre line and 6 more" in response.json()["detail"]
    assert neighbours.asked[-1].query == {"characteristic_id": [str(row.pk)], "limit": ["5"]}
    assert neighbours.asked[-1].authorization.startswith("Bearer ")
    assert Characteristic.objects.filter(pk=row.pk).exists()


def test_what_is_known_here_is_said_before_anybody_is_asked(api, neighbours):
    neighbours.down("specification")
    row = CharacteristicFactory()
    assert api("manager").delete(f"{URL}/{uuid7()}").status_code == 404
    assert api("manager").delete(f"{URL}/{row.pk}", HTTP_IF_MATCH='"7"').status_code == 412


def test_without_an_answer_nothing_is_deleted(api, neighbours):
    row = CharacteristicFactory()
    neighbours.down("specification")
    response = api("manager").delete(f"{URL}/{row.pk}")
    assert response.status_code == 503
    assert response["Retry-After"]
    assert Characteristic.objects.filter(pk=row.pk).exists()
