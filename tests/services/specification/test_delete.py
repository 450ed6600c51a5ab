from __future__ import annotations

import pytest

from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent, Tombstone
from catalog_services.specification.models import Specification
from tests.services.specification.factories import SpecificationFactory

pytestmark = pytest.mark.django_db
URL, OFFERINGS = "/api/v1/specifications", "/api/v1/offerings"


@pytest.fixture
def row():
    return SpecificationFactory()


def test_one_that_no_offering_uses_is_deleted_and_leaves_a_tombstone(api, neighbours, row):
    neighbours.answers("offering", OFFERINGS, [])
    assert api("manager").delete(f"{URL}/{row.pk}", HTTP_IF_MATCH='"1"').status_code == 204
    assert neighbours.asked[-1].query["specification_id"] == [str(row.pk)]
    assert Tombstone.objects.get().version == 2
    event = OutboxEvent.objects.last().envelope
    assert event["type"] == "catalog.specification.SpecificationDeleted.v1"
    assert (event["aggregateversion"], event["data"]) == (2, {"id": str(row.pk)})


def test_one_that_an_offering_uses_stays_and_the_answer_names_it(api, neighbours, row):
    neighbours.answers("offering", OFFERINGS, [{"id": "o1", "name": "Fibre 500"}], total=2)
    response = api("admin").delete(f"{URL}/{row.pk}")
    assert response.status_code == 409
    assert "used by 2 offerings: Fibre 500 and 1 more" in response.json()["detail"]
    assert response.json()["used_by"] == [{"kind": "offering", "id": "o1", "name": "Fibre 500"}]
    assert Specification.objects.exists()


def test_retired_offerings_are_not_asked_for(api, neighbours, row):
    neighbours.answers("offering", OFFERINGS, [])
    assert api("manager").delete(f"{URL}/{row.pk}").status_code == 204
    assert neighbours.asked[-1].query["lifecycle_status"] == ["DRAFT", "PUBLISHING", "PUBLISHED"]


def test_without_an_answer_nothing_is_deleted(api, neighbours, row):
    neighbours.down("offering")
    assert api("manager").delete(f"{URL}/{row.pk}").status_code == 503
    assert Specification.objects.exists()


def test_an_admin_may_insist_and_nobody_is_asked(api, neighbours, row):
    neighbours.down("offering")
    assert api("admin").delete(f"{URL}/{row.pk}?force=true").status_code == 204
    assert neighbours.asked == []
    assert Tombstone.objects.exists()


def test_a_manager_may_not_insist(api, row):
    assert api("manager").delete(f"{URL}/{row.pk}?force=true").status_code == 403
    assert Specification.objects.exists()


@pytest.mark.parametrize("given", ["yes", "", "1", "TRUE", "false&force=true"])
def test_insisting_is_said_clearly_or_not_at_all(api, row, given):
    response = api("admin").delete(f"{URL}/{row.pk}?force={given}")
    assert response.status_code == 400
    assert "force" in response.json()["errors"]
    assert Specification.objects.exists()


def test_what_is_known_here_is_said_before_anybody_is_asked(api, neighbours, row):
    neighbours.down("offering")
    assert api("manager").delete(f"{URL}/{uuid7()}").status_code == 404
    assert api("manager").delete(f"{URL}/{row.pk}", HTTP_IF_MATCH='"7"').status_code == 412
