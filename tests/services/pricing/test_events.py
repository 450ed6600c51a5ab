"""What pricing tells the others: whole, true to its schema, and the same as REST says."""

from __future__ import annotations

from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from apps.core.actor import SYSTEM
from apps.core.ids import uuid7
from apps.outbox.digest import digest_page, state_hash
from apps.outbox.models import OutboxEvent
from apps.outbox.schemas import state_schema
from apps.outbox.snapshots import snapshot_events
from catalog_services.pricing.actions.price_update import price_update
from catalog_services.pricing.actions.prices_lock import prices_lock
from catalog_services.pricing.models import Price
from catalog_services.pricing.selectors.price import price_state
from tests.services.pricing.factories import PriceFactory

pytestmark = pytest.mark.django_db
KINDS_OF_PRICES = [
    {},
    {"unit": "", "external_id": "fee"},
    {"unit": "", "unit_of_measure": "GB", "value": "0.000001", "tax_rate": "8.1", "tax_included": True},
    {"currency": "JPY", "value": "500", "recurring_period": "quarter", "recurring_period_length": 2},
    {"valid_from": "2026-01-01T00:00:00Z", "valid_to": "2026-12-31T23:59:59.999999+01:00"},
]


@pytest.fixture
def validator() -> Draft202012Validator:
    schema = state_schema("Price")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


@pytest.mark.parametrize("given", KINDS_OF_PRICES)
def test_an_event_carries_the_rest_representation_without_locked(api, validator, given):
    body = {"name": "P", "value": "39.90", "currency": "EUR", "unit": "per month", **given}
    response = api("manager").post("/api/v1/prices", body)
    assert response.status_code == 201, response.json()
    stored = api("viewer").get(response["Location"]).json()
    assert stored == response.json()
    del stored["locked"]
    event = OutboxEvent.objects.get().envelope
    assert event["type"] == "catalog.pricing.PriceCreated.v1"
    assert event["data"] == stored
    validator.validate(event["data"])


def test_the_schema_tells_a_bad_event_from_a_good_one(validator):
    state = price_state(PriceFactory())
    assert validator.is_valid(state)
    for change in (
        {"value": 39.9},
        {"value": "1e3"},
        {"recurring_period": None},
        {"unit_of_measure": "GB"},
        {"locked": False},
        {"version": 0},
    ):
        assert not validator.is_valid({**state, **change}), change
    assert not validator.is_valid({k: v for k, v in state.items() if k != "currency"})


def test_a_change_is_told_whole_with_its_version(validator):
    row = PriceFactory()
    price_update(actor=SYSTEM, id=row.pk, fields={"value": Decimal(41)})
    event = OutboxEvent.objects.last().envelope
    assert (event["type"], event["aggregateversion"]) == ("catalog.pricing.PriceUpdated.v1", 2)
    assert event["data"]["value"] == "41.00"
    validator.validate(event["data"])


def test_a_published_price_is_told_to_offering_and_store():
    PriceFactory()
    names = set(OutboxEvent.objects.get().deliveries.values_list("subscriber", flat=True))
    assert names == {"offering", "store"}


def test_snapshot_and_digest_hold_every_price_and_a_hold_changes_neither():
    rows = [PriceFactory() for _ in range(3)]

    def told() -> tuple[list[dict], list[dict]]:
        return [event.data for event in snapshot_events()], digest_page("Price", after=None)

    before = told()
    prices_lock(price_ids=[row.pk for row in rows], publication_id=uuid7())
    assert told() == before
    events, digest = before
    assert {event["id"] for event in events} == {str(row.pk) for row in rows}
    expected = [price_state(row) for row in Price.objects.order_by("pk")]
    assert digest == [{"id": s["id"], "version": 1, "hash": state_hash(s)} for s in expected]
