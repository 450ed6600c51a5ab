"""Events in any order, any number of times: the store shows the newest state of everything, and nothing else."""

from __future__ import annotations

from itertools import batched
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.outbox.envelope import CloudEvent
from catalog_services.store.projection import consume
from catalog_services.store.projection.drain import drain
from catalog_services.store.rebuild.checks import compare_contents
from catalog_services.store.stores import elastic, mongo
from tests.services.store.conftest import DEAD_MONGODB, Store, elasticsearch_down, new_store
from tests.services.store.factories import (
    CategoryState,
    CharacteristicState,
    OfferingState,
    PriceState,
    SpecificationState,
    event,
    uses,
)


def shop() -> dict[str, dict[str, Any]]:
    """A characteristic, a specification, a price, two nested categories and an offering of all of them."""
    speed = CharacteristicState(name="Speed")
    access = SpecificationState(name="Access", characteristics=[uses(speed)])
    fee = PriceState(name="Fee")
    above = CategoryState(name="Internet")
    below = CategoryState(name="Fibre", parent_id=above["id"])
    offering = OfferingState(
        name="Fibre 100",
        specification_ids=[access["id"]],
        pricing_ids=[fee["id"]],
        category_ids=[below["id"]],
    )
    return {
        "Characteristic": speed,
        "Specification": access,
        "Price": fee,
        "Above": above,
        "Below": below,
        "Offering": offering,
    }


def history() -> list[CloudEvent]:
    """Every aggregate of a shop in three versions, and another price that is deleted at last."""
    states = shop()
    events = []
    for version in (1, 2, 3):
        for name, state in states.items():
            kind = "Category" if name in {"Above", "Below"} else name
            events.append(event(kind, {**state, "name": f"{state['name']} v{version}"}, version=version))
    gone = PriceState()
    states["Offering"]["pricing_ids"].append(gone["id"])
    return [*events, event("Price", gone), event("Price", gone, version=2, verb="Deleted")]


def shown(store: Store) -> dict[str, Any]:
    entries = mongo.collection(mongo.writing(), "entries", store.generation).find({"visible": True})
    return {entry["_id"]: (entry["body"], entry["fields"]) for entry in entries}


@given(data=st.data())
@settings(max_examples=10)
def test_events_shuffled_and_repeated_show_what_a_clean_build_shows(data: st.DataObject) -> None:
    events = history()
    delivered = data.draw(st.permutations(events * 2))
    size = data.draw(st.integers(4, 50))
    with new_store() as clean:
        clean.apply(*events)
        expected = shown(clean)
    with new_store() as shuffled:
        for some in batched(delivered, size):
            shuffled.apply(*some)
        assert shown(shuffled) == expected
        assert not compare_contents(mongo.writing(), elastic.writing(), shuffled.generation).wrong
    assert len(expected) == 1


def test_ten_repetitions_write_nothing_after_the_first(store: Store) -> None:
    events = [
        event(name if name not in {"Above", "Below"} else "Category", state) for name, state in shop().items()
    ]
    store.apply(*events)
    offering_id = events[-1].subject
    before = store.entry(offering_id)
    for _ in range(10):
        store.apply(*events)
    assert store.entry(offering_id) == before
    assert store.indexed(offering_id)["_version"] == before["rev"]


def test_an_older_version_changes_nothing(store: Store) -> None:
    offering = OfferingState(name="New")
    store.apply(
        event("Offering", offering, version=5), event("Offering", {**offering, "name": "Old"}, version=4)
    )
    assert store.names("offerings") == ["New"]


def test_a_deletion_is_final_whatever_comes_late(store: Store) -> None:
    offering = OfferingState()
    store.apply(
        event("Offering", offering, version=2, verb="Deleted"), event("Offering", offering, version=1)
    )
    assert store.names("offerings") == []


def test_one_poison_event_stops_no_other(store: Store) -> None:
    good, poison = (
        event("Offering", OfferingState(name="Good")),
        event("Price", {"id": "x", "value": "abc", "currency": "EUR"}),
    )
    receipts = {receipt.event_id: receipt for receipt in consume([poison, good])}
    assert receipts[poison.id].outcome == "reject"
    assert "value" in receipts[poison.id].reason
    assert receipts[good.id].outcome == "ack"
    store.refresh()
    assert store.names("offerings") == ["Good"]


@pytest.mark.parametrize(
    "poison",
    [
        {"value": "1", "currency": "EUR", "name": "\ud800"},
        {"value": "NaN", "currency": "EUR"},
        {"value": "1", "currency": "EUR", "recurring_period_length": 10**30},
        {"value": "1", "currency": "EUR", "valid_from": "yesterday"},
        {"value": {"a": 1}, "currency": "EUR"},
        {"value": "1", "currency": ["EUR"]},
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_reason(store: Store, poison: dict[str, Any]) -> None:
    (receipt,) = consume([event("Price", {**PriceState(), **poison})])
    assert receipt.outcome == "reject"
    assert receipt.reason


def test_an_event_whose_data_is_about_another_aggregate_is_refused(store: Store) -> None:
    mixed = event("Price", PriceState())
    mixed.data["id"] = PriceState()["id"]
    assert [receipt.outcome for receipt in consume([mixed])] == ["reject"]


def test_events_that_the_store_does_not_keep_are_acknowledged(store: Store) -> None:
    other = CloudEvent("catalog.offering.PublicationRequested.v1", "offering", "x", 1, {"id": "x"})
    store.apply(other)


def test_while_mongodb_is_down_events_wait(store: Store) -> None:
    with override_settings(STORE_MONGODB_URL=DEAD_MONGODB):
        receipts = consume([event("Offering", OfferingState()), event("Price", {"id": "x"})])
    assert sorted(receipt.outcome for receipt in receipts) == ["reject", "wait"]


def test_while_elasticsearch_is_down_events_are_taken_and_indexed_later(store: Store) -> None:
    offering = OfferingState(name="Late")
    store.apply(event("Offering", OfferingState(name="Early")))
    with elasticsearch_down():
        store.apply(event("Offering", offering))
        assert store.names("offerings") == ["Early", "Late"]
    store.apply(event("Offering", {**offering, "name": "Later"}, version=2))
    store.refresh()
    assert store.names(q="later") == ["Later"]


def test_an_index_that_was_lost_is_made_and_filled_again(store: Store) -> None:
    store.apply(
        event("Offering", OfferingState(name="First")), event("Offering", OfferingState(name="Second"))
    )
    elastic.drop_index(elastic.writing(), store.generation)
    store.apply(event("Offering", OfferingState(name="Third")))
    drain(mongo.writing(), store.generation)
    store.refresh()
    assert store.names() == ["First", "Second", "Third"]
