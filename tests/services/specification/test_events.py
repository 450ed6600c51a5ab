"""What specification hears, and what it tells: whole, true to its schema, and the same as REST says."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from apps.outbox.digest import digest_page, state_hash
from apps.outbox.models import OutboxEvent
from apps.outbox.schemas import state_schema
from apps.outbox.snapshots import snapshot_events
from apps.references.models import Reference
from catalog_services.specification.models import Specification
from catalog_services.specification.selectors.specification import specification_state
from tests.services.specification.factories import SpecificationFactory, characteristic, heard, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def validator() -> Draft202012Validator:
    schema = state_schema("Specification")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def test_an_event_carries_the_rest_representation(api, validator):
    body = {"name": "Fibre", "brand": "Acme", "characteristic_ids": [heard("100")["id"], heard()["id"]]}
    response = api("manager").post("/api/v1/specifications", body)
    event = OutboxEvent.objects.get().envelope
    assert event["type"] == "catalog.specification.SpecificationCreated.v1"
    assert event["data"] == response.json() == api("viewer").get(response["Location"]).json()
    validator.validate(event["data"])


def test_the_schema_tells_a_bad_event_from_a_good_one(validator):
    state = specification_state(SpecificationFactory())
    assert validator.is_valid(state)
    choice = state["characteristics"][0]
    for change in (
        {"characteristics": []},
        {"characteristics": [{**choice, "values": [7]}]},
        {"characteristics": [{k: v for k, v in choice.items() if k != "default"}]},
        {"version": 0},
        {"locked": False},
    ):
        assert not validator.is_valid({**state, **change}), change


def test_a_specification_is_told_to_offering_and_store():
    SpecificationFactory()
    names = set(OutboxEvent.objects.get().deliveries.values_list("subscriber", flat=True))
    assert names == {"offering", "store"}


def test_snapshot_and_digest_hold_every_specification():
    for _ in range(3):
        SpecificationFactory()
    states = [specification_state(row) for row in Specification.objects.order_by("pk")]
    assert [event.data for event in snapshot_events()] == states
    assert digest_page("Specification", after=None) == [
        {"id": state["id"], "version": 1, "hash": state_hash(state)} for state in states
    ]


@bounded(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(order=st.permutations([1, 2, 3, 4]), again=st.lists(st.integers(1, 4), max_size=4))
def test_in_any_order_and_repetition_the_replica_ends_as_the_last_version_says(order, again):
    Reference.objects.all().delete()
    states = {version: characteristic(str(version), version=version) for version in (1, 2, 3, 4)}
    for state in states.values():
        state["id"] = states[1]["id"]
    for version in [*order, *again]:
        tell(states[version], "Deleted" if version == 4 else "Updated")
    replica = Reference.objects.get()
    assert (replica.version, replica.deleted) == (4, True)
