from __future__ import annotations

import pytest

from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent, Tombstone
from catalog_services.pricing.models import Price
from tests.services.pricing.factories import PriceFactory

pytestmark = pytest.mark.django_db
URL, OFFERINGS = "/api/v1/prices", "/api/v1/offerings"


def test_one_that_no_offering_uses_is_deleted_and_leaves_a_tombstone(api, neighbours):
    neighbours.answers("offering", OFFERINGS, [])
    row = PriceFactory()
    assert api("manager").delete(f"{URL}/{row.pk}", HTTP_IF_MATCH='"1"').status_code == 204
    assert Tombstone.objects.get().version == 2
    event = OutboxEvent.objects.last().envelope
    assert event["type"] == "catalog.pricing.PriceDeleted.v1"
    assert (event["aggregateversion"], event["data"]) == (2, {"id": str(row.pk)})


def test_one_that_an_offering_uses_stays_and_retired_offerings_are_not_asked_for(api, neighbours):
    row = PriceFactory()
    neighbours.answers("offering", OFFERINGS, [{"id": "o1", "name": "Fibre 500"}])
    response = api("admin").delete(f"{URL}/{row.pk}")
    assert response.status_code == 409
    assert "used by 1 offering: Fibre 500" in response.json()["detail"]
    query = neighbours.asked[-1].query
    assert query["pricing_id"] == [str(row.pk)]
    assert query["lifecycle_status"] == ["DRAFT", "PUBLISHING", "PUBLISHED"]
    assert Price.objects.exists()


def test_without_an_answer_nothing_is_deleted(api, neighbours):
    row = PriceFactory()
    neighbours.down("offering")
    assert api("manager").delete(f"{URL}/{row.pk}").status_code == 503
    assert Price.objects.exists()


def test_what_is_known_here_is_said_before_anybody_is_asked(api, neighbours):
    neighbours.down("offering")
    row = PriceFactory()
    assert api("manager").delete(f"{URL}/{uuid7()}").status_code == 404
    assert api("manager").delete(f"{URL}/{row.pk}", HTTP_IF_MATCH='"7"').status_code == 412
