from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from apps.core.actor import SYSTEM
from apps.core.errors import ValidationFailed
from apps.core.ids import uuid7
from apps.outbox.models import OutboxEvent
from apps.references.models import Reference
from catalog_services.offering.actions import offering_update
from catalog_services.offering.actions.offering_update import to_domain
from catalog_services.offering.domain import offering as domain
from catalog_services.offering.domain.offering import ID_LISTS, MAX_REFERENCES, TEXT_LISTS
from catalog_services.offering.domain.synonym_set import SynonymSet
from catalog_services.offering.models import Offering
from tests.services.offering.factories import (
    COLOUR,
    CatalogFactory,
    CategoryFactory,
    CompleteOfferingFactory,
    OfferingFactory,
    price,
    specification,
)
from tests.support.sent_back import comes_back_as_read

pytestmark = pytest.mark.django_db
URL = "/api/v1/offerings"
MANY = tuple(f"word {number}" for number in range(30_000))


@pytest.fixture
def manager(api):
    return api("manager")


def in_status(row: Offering, status: str) -> Offering:
    Offering.objects.filter(pk=row.pk).update(lifecycle_status=status)
    row.refresh_from_db()
    return row


def test_a_draft_needs_only_a_name(manager):
    response = manager.post(URL, {"name": "Fibre 1 Gbps"})
    assert response.status_code == 201, response.json()
    assert response.json()["lifecycle_status"] == "DRAFT"


def test_a_whole_offering_comes_back_as_it_was_sent(manager):
    body = {
        "name": "Fibre 1 Gbps",
        "description": "Fast",
        "external_id": "F-1000",
        "specification_ids": [str(specification().aggregate_id)],
        "pricing_ids": [str(price().aggregate_id), str(price().aggregate_id)],
        "category_ids": [str(CategoryFactory().pk)],
        "catalog_ids": [str(CatalogFactory().pk)],
        "sales_channels": ["web", "shop"],
        "market_segments": ["residential"],
        "characteristic_values": [{"characteristic_id": COLOUR, "value": "blue"}],
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_to": "2027-01-01T00:00:00Z",
    }
    response = manager.post(URL, body)
    assert response.status_code == 201, response.json()
    assert response.json().items() >= body.items()
    event = OutboxEvent.objects.last().envelope
    assert (event["type"], event["data"]) == ("catalog.offering.OfferingCreated.v1", response.json())


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"specification_ids": ["x"]}, "specification_ids.0"),
        ({"sales_channels": ["web", "web"]}, "sales_channels"),
        ({"sales_channels": [""]}, "sales_channels.0"),
        ({"valid_from": "2027-01-01T00:00:00Z", "valid_to": "2026-01-01T00:00:00Z"}, "valid_to"),
        ({"bundled_offerings": [{"id": str(uuid7())}]}, "bundled_offerings"),
        ({"lifecycle_status": "PUBLISHED"}, "lifecycle_status"),
        ({"category_ids": [str(uuid7())]}, "category_ids"),
        ({"catalog_ids": [str(uuid7())]}, "catalog_ids"),
        ({"characteristic_values": [{"characteristic_id": COLOUR, "value": "red"}]}, "characteristic_values"),
    ],
)
def test_bad_input_is_refused_at_its_field(manager, body, field):
    response = manager.post(URL, {"name": "Fibre", **body})
    assert response.status_code == 400
    assert field in response.json()["errors"], response.json()


@pytest.mark.parametrize(
    ("field", "item"),
    [
        *((name, str(uuid7())) for name in ID_LISTS),
        *((name, "web") for name in TEXT_LISTS),
        ("bundled_offerings", {"id": str(uuid7())}),
        ("characteristic_values", {"characteristic_id": COLOUR, "value": "blue"}),
    ],
)
def test_a_list_that_is_too_long_is_refused_for_its_length(manager, field, item):
    response = manager.post(URL, {"name": "Fibre", field: [item] * (MAX_REFERENCES + 1)})
    assert response.status_code == 400
    (message,) = response.json()["errors"][field]
    assert f"no more than {MAX_REFERENCES}" in message


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (domain.Offering(name="Fibre", sales_channels=MANY), "sales_channels"),
        (SynonymSet(terms=MANY), "terms"),
    ],
)
def test_a_list_of_any_length_is_checked_in_no_time(draft, field):
    began = time.process_time()
    with pytest.raises(ValidationFailed) as refused:
        draft.checked()
    assert "At most" in refused.value.errors[field][0]
    assert time.process_time() - began < 2


def test_a_draft_that_changes_while_it_is_checked_is_a_conflict_and_no_failed_precondition(
    manager, monkeypatch
):
    url, check, rivals = f"{URL}/{OfferingFactory().pk}", offering_update.check_references, ["rival"]

    def meanwhile(id_, draft):
        check(id_, draft)
        if rivals:
            manager.patch(url, {"description": rivals.pop()})

    monkeypatch.setattr(offering_update, "check_references", meanwhile)
    refused = manager.patch(url, {"description": "late"})
    assert refused.status_code == 409
    assert "at the same time" in refused.json()["detail"]
    rivals.append("second rival")
    assert manager.patch(url, {"description": "late"}, HTTP_IF_MATCH='"2"').status_code == 412
    assert manager.get(url).json()["description"] == "second rival"


GREEN = {"characteristic_id": COLOUR, "value": "green"}


def test_a_pinned_value_must_be_one_its_specification_allows(manager, neighbours):
    body = {
        "name": "Fibre",
        "specification_ids": [str(specification().aggregate_id)],
        "characteristic_values": [GREEN],
    }
    response = manager.post(URL, body)
    assert response.status_code == 400
    assert "'green' is not one of blue, red" in response.json()["errors"]["characteristic_values"][0]


def test_a_pinned_value_is_free_when_one_of_its_specifications_lists_none(manager):
    open_use = {"id": COLOUR, "values": [], "default": None}
    lines = [specification(), specification(characteristics=[open_use])]
    body = {
        "name": "Fibre",
        "specification_ids": [str(line.aggregate_id) for line in lines],
        "characteristic_values": [GREEN],
    }
    assert manager.post(URL, body).status_code == 201


def test_a_pin_is_refused_by_what_its_owner_says_and_not_by_what_was_heard_of_it(manager, neighbours):
    line = specification()
    body = {
        "name": "Fibre",
        "specification_ids": [str(line.aggregate_id)],
        "characteristic_values": [GREEN],
    }
    neighbours.down("specification")
    assert manager.post(URL, body).status_code == 503
    neighbours.up("specification")
    use = {"id": COLOUR, "values": ["red", "blue", "green"], "default": "red"}
    now = {"id": str(line.aggregate_id), "version": 2, "name": "Fibre line", "characteristics": [use]}
    neighbours.answers("specification", f"/api/v1/specifications/{line.aggregate_id}", now)
    assert manager.post(URL, body).status_code == 201


def test_an_id_not_heard_of_yet_is_fetched_once_from_its_owner(manager, neighbours):
    id_ = str(uuid7())
    neighbours.answers(
        "specification", f"/api/v1/specifications/{id_}", {"id": id_, "version": 3, "name": "New"}
    )
    for _ in range(2):
        assert manager.post(URL, {"name": "Fibre", "specification_ids": [id_]}).status_code == 201
    assert len(neighbours.asked) == 1
    assert Reference.objects.get(aggregate_id=id_).version == 3


def test_an_id_that_nobody_has_is_refused_by_name(manager, neighbours):
    id_ = str(uuid7())
    response = manager.post(URL, {"name": "Fibre", "pricing_ids": [id_]})
    assert response.status_code == 400
    assert id_ in response.json()["errors"]["pricing_ids"][0]


def test_an_owner_that_does_not_answer_is_503_and_never_400(manager, neighbours):
    neighbours.down("pricing")
    response = manager.post(URL, {"name": "Fibre", "pricing_ids": [str(uuid7())]})
    assert response.status_code == 503


@pytest.mark.parametrize("status", ["PUBLISHING", "PUBLISHED", "RETIRED"])
def test_only_a_draft_is_changed_or_deleted(manager, status):
    url = f"{URL}/{in_status(OfferingFactory(), status).pk}"
    assert manager.patch(url, {"name": "Other"}).status_code == 409
    assert manager.delete(url).status_code == 409
    assert manager.get(url).json()["lifecycle_status"] == status


def test_what_is_read_may_be_sent_back(manager):
    member = CompleteOfferingFactory()
    bundle = OfferingFactory(is_bundle=True, bundled_offerings=[{"id": str(member.pk), "max": 2}])
    full = CompleteOfferingFactory(
        external_id="o-1",
        category_ids=[CategoryFactory().pk],
        catalog_ids=[CatalogFactory().pk],
        market_segments=["residential"],
        characteristic_values=[{"characteristic_id": COLOUR, "value": "red"}],
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    )
    for row in (member, bundle, full):
        comes_back_as_read(manager, f"{URL}/{row.pk}")
    refused = manager.patch(f"{URL}/{full.pk}", {"lifecycle_status": "PUBLISHED", "colour": "red"})
    assert set(refused.json()["errors"]) == {"lifecycle_status"}
    sent = {"lifecycle_status": "DRAFT", "colour": "red"}
    assert set(manager.patch(f"{URL}/{full.pk}", sent).json()["errors"]) == {"colour"}
    assert manager.patch(f"{URL}/{uuid7()}", sent).status_code == 404


def test_what_is_missing_to_publish_is_named_by_field():
    assert set(to_domain(OfferingFactory()).missing_to_publish()) == {
        "specification_ids",
        "pricing_ids",
        "sales_channels",
    }
    assert to_domain(CompleteOfferingFactory()).missing_to_publish() == {}


def test_only_a_published_offering_retires(manager):
    row = CompleteOfferingFactory()
    assert manager.post(f"{URL}/{row.pk}/retire").status_code == 409
    in_status(row, "PUBLISHED")
    response = manager.post(f"{URL}/{row.pk}/retire")
    assert response.status_code == 200, response.json()
    assert response.json()["lifecycle_status"] == "RETIRED"
    assert response.json()["retired_at"]


def test_what_was_retired_may_be_sold_anew_under_its_id_in_the_other_system(manager):
    in_status(OfferingFactory(external_id="PO-1"), "RETIRED")
    live = manager.post(URL, {"name": "Anew", "external_id": "PO-1"})
    assert live.status_code == 201, live.json()
    other = OfferingFactory()
    for taken in (
        manager.post(URL, {"name": "Once more", "external_id": "PO-1"}),
        manager.patch(f"{URL}/{other.pk}", {"external_id": "PO-1"}),
    ):
        assert taken.status_code == 409
        assert taken.json()["existing_id"] == live.json()["id"]
        assert taken.json()["errors"] == {"external_id": ["Another offering has this external_id already."]}


def test_where_used_answers_by_reference(manager):
    row = CompleteOfferingFactory()
    OfferingFactory()
    for field, parameter in (("specification_ids", "specification_id"), ("pricing_ids", "pricing_id")):
        response = manager.get(URL, {parameter: str(getattr(row, field)[0])})
        assert [r["id"] for r in response.json()] == [str(row.pk)]
    in_status(row, "RETIRED")
    query = {"pricing_id": str(row.pricing_ids[0]), "lifecycle_status": ["DRAFT", "PUBLISHED"]}
    assert manager.get(URL, query).json() == []


def test_two_editors_of_one_draft(manager):
    url = f"{URL}/{OfferingFactory().pk}"
    assert manager.patch(url, {"description": "a"}, HTTP_IF_MATCH='"1"').status_code == 200
    assert manager.patch(url, {"description": "b"}, HTTP_IF_MATCH='"1"').status_code == 412
    assert SYSTEM.username == "system"
