"""The store against the write side: what differs is found, and repaired."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from apps.core.errors import Timeout
from apps.outbox.digest import state_hash
from apps.outbox.envelope import CloudEvent
from catalog_services.store.projection import aside
from catalog_services.store.projection.components import component_of, upsert, versions
from catalog_services.store.projection.drain import drain
from catalog_services.store.rebuild import verification
from catalog_services.store.rebuild.checks import compare_stores
from catalog_services.store.rebuild.snapshots import Batch
from catalog_services.store.rebuild.verification import Differences, compare, repair
from catalog_services.store.stores import elastic, mongo
from catalog_services.store.stores.mongo import collection
from tests.services.store.conftest import Store
from tests.services.store.factories import OfferingState, PriceState, event
from tests.services.store.rebuild.conftest import WriteSide, silent


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_PAUSE_SECONDS", 0.0)


def pages_of(events: list[CloudEvent]) -> Any:
    """Digest pages of two entries each."""

    def pages(service: str, kind: str) -> Iterator[list[dict[str, Any]]]:
        own = sorted((e for e in events if e.type.split(".")[2].startswith(kind)), key=lambda e: e.subject)
        own = [
            e for e in own if e.source == service and e.type.startswith(f"catalog.{service}.{kind}Updated")
        ]
        entries = [{"id": e.subject, "version": e.aggregateversion, "hash": state_hash(e.data)} for e in own]
        for start in range(0, len(entries), 2):
            yield entries[start : start + 2]

    return pages


def catalog() -> list[CloudEvent]:
    price = PriceState()
    return [
        event("Price", price, version=2),
        *(
            event("Offering", OfferingState(name=f"Plan {n}", pricing_ids=[price["id"]]), version=3)
            for n in range(5)
        ),
    ]


def differences(store: Store, events: list[CloudEvent]) -> Differences:
    return compare(mongo.writing(), store.generation, pages=pages_of(events), say=silent)


def repaired(store: Store, events: list[CloudEvent]) -> Differences:
    source = WriteSide(events)
    found = differences(store, events)
    repair(mongo.writing(), store.generation, found, rebuild_id="r", source=source, say=silent)
    store.refresh()
    return differences(store, events)


def test_a_store_that_heard_everything_is_the_same(store: Store) -> None:
    events = catalog()
    store.apply(*events)
    found = differences(store, events)
    assert found.same
    assert found.counts["Offering"] == 5


def test_what_is_missing_is_found_and_brought(store: Store) -> None:
    events = catalog()
    store.apply(*events[:-2])
    assert differences(store, events).missing == {"Offering": {events[-1].subject, events[-2].subject}}
    assert repaired(store, events).same
    assert len(store.names()) == 5


def test_what_is_older_is_found_and_brought(store: Store) -> None:
    events = catalog()
    store.apply(*events)
    newer = event("Price", {**PriceState(), "id": events[0].subject, "value": "55.00"}, version=9)
    events[0] = newer
    assert differences(store, events).different == {"Price": {newer.subject}}
    assert repaired(store, events).same
    assert store.get("search")["items"][0]["pricing"][0]["value"] == "55.00"


def test_what_was_falsified_under_the_same_version_is_found_and_put_right(store: Store) -> None:
    events = catalog()
    store.apply(*events)
    false = component_of(
        event("Price", {**PriceState(), "id": events[0].subject, "value": "1.00"}, version=2)
    )
    assert false
    collection(mongo.writing(), "prices", store.generation).delete_one({"_id": events[0].subject})
    upsert(mongo.writing(), store.generation, [false])
    assert differences(store, events).different == {"Price": {events[0].subject}}
    assert repaired(store, events).same
    assert {item["pricing"][0]["value"] for item in store.get("search")["items"]} == {"19.90"}


def test_what_should_not_be_there_is_found_and_taken_out(store: Store) -> None:
    events = catalog()
    phantom = event("Offering", OfferingState(name="Phantom"))
    store.apply(*events, phantom)
    assert differences(store, events).extra["Offering"] == {phantom.subject}
    assert repaired(store, events).same
    assert "Phantom" not in store.names()
    assert "Phantom" not in store.names("offerings")


def test_entries_that_differ_between_the_two_stores_are_found_and_indexed_again(store: Store) -> None:
    events = catalog()
    store.apply(*events)
    client, index = elastic.writing(), elastic.index_name(store.generation)
    lost, other, alien = events[1].subject, events[2].subject, "alien"
    client.delete(index=index, id=lost)
    client.index(
        index=index,
        id=other,
        document={"id": other, "visible": False, "hash": "x"},
        version=77,
        version_type="external",
    )
    client.index(index=index, id=alien, document={"id": alien, "visible": True, "hash": "x", "name": "alien"})
    assert differences(store, events).entries.keys() == {lost, other, alien}
    assert repaired(store, events).same
    assert store.names() == [f"Plan {n}" for n in range(5)]


def test_an_entry_that_nobody_may_see_may_be_hidden_in_the_index_or_absent_but_not_shown(
    store: Store,
) -> None:
    events = catalog()
    store.apply(*events)
    gone = events[1].subject
    store.apply(event("Offering", {**events[1].data, "lifecycle_status": "RETIRED"}, version=4))
    client, index = elastic.writing(), elastic.index_name(store.generation)
    shown = {**store.indexed(events[2].subject)["_source"], "id": gone}
    client.delete(index=index, id=gone)
    assert not compare_stores(mongo.writing(), client, store.generation, [gone]).wrong
    client.index(index=index, id=gone, document=shown, version=77, version_type="external")
    assert compare_stores(mongo.writing(), client, store.generation, [gone]).wrong.keys() == {gone}


def test_entries_that_are_not_what_their_components_make_are_found_and_composed_again(store: Store) -> None:
    events = catalog()
    store.apply(*events)
    entries, client = collection(mongo.writing(), "entries", store.generation), elastic.writing()
    index = elastic.index_name(store.generation)
    false, lost, nowhere, altered = (event.subject for event in events[1:5])
    entries.update_one({"_id": false}, {"$set": {"body": b'{"name": "false"}'}})
    entries.delete_one({"_id": lost})
    entries.delete_one({"_id": nowhere})
    client.delete(index=index, id=nowhere)
    source = {**store.indexed(altered)["_source"], "words": "nothing", "stems": "noth"}
    client.index(index=index, id=altered, document=source, version=1, version_type="external_gte")
    assert differences(store, events).entries.keys() == {false, lost, nowhere, altered}
    assert repaired(store, events).same
    assert (
        store.names() == store.names(q="plan") == store.names("offerings") == [f"Plan {n}" for n in range(5)]
    )


def test_a_repair_never_shows_an_offering_without_what_it_mends(store: Store) -> None:
    events = catalog()
    store.apply(*events)
    price = event("Price", {**PriceState(), "id": events[0].subject, "value": "55.00"}, version=9)
    shown: list[int] = []

    def meanwhile() -> None:
        store.apply(event("Offering", {**events[1].data, "name": "Renamed"}, version=4))
        shown.extend(len(item["pricing"]) for item in store.get("offerings")["items"])

    source = WriteSide([price, *events[1:]], meanwhile=meanwhile)
    found = Differences(different={"Price": {price.subject}, "Characteristic": {"x"}})
    repair(mongo.writing(), store.generation, found, rebuild_id="r", source=source, say=silent)
    assert shown == [1] * 5
    store.refresh()
    assert {item["pricing"][0]["value"] for item in store.get("offerings")["items"]} == {"55.00"}


@dataclass
class BreaksOff(WriteSide):
    """The worker of the second service asked is not running."""

    def batches(self, rebuild_id: str) -> Iterator[Batch]:
        yield from (batch for batch in super().batches(rebuild_id) if batch.source == self.asked[0])
        raise Timeout("No snapshot came.")


def test_a_repair_that_breaks_off_leaves_what_did_not_come_as_it_was(store: Store) -> None:
    events = catalog()
    store.apply(*events)
    price = event("Price", {**PriceState(), "id": events[0].subject, "value": "55.00"}, version=9)
    renamed = event("Offering", {**events[1].data, "name": "Renamed"}, version=4)
    found = Differences(
        different={"Price": {price.subject}, "Offering": {renamed.subject}},
        extra={"Offering": {events[2].subject}},
    )
    source = BreaksOff([price, renamed])
    with pytest.raises(Timeout):
        repair(mongo.writing(), store.generation, found, rebuild_id="r", source=source, say=silent)
    assert source.closed == ["r"]

    def kept(kind: str, *events: CloudEvent) -> list[int]:
        ids = [event.subject for event in events]
        return list(versions(mongo.writing(), store.generation, kind, ids).values())

    assert (kept("prices", price), kept("offerings", renamed), kept("offerings", events[2])) == (
        [2],
        [4],
        [3],
    )
    drain(mongo.writing(), store.generation)
    store.refresh()
    assert "Renamed" in store.names("offerings")


def test_a_repair_may_have_more_to_mend_than_one_command_to_mongodb_can_name(store: Store) -> None:
    events = catalog()
    store.apply(*events, event("Offering", OfferingState(name="Phantom")))
    phantoms = differences(store, events).extra["Offering"]
    many = {f"{number:01000}" for number in range(20_000)}
    found = Differences(different={"Price": many}, extra={"Offering": phantoms | many})
    repair(mongo.writing(), store.generation, found, rebuild_id="r", source=WriteSide(events), say=silent)
    assert differences(store, events).same


def test_what_was_set_aside_makes_a_difference(store: Store) -> None:
    events = catalog()
    store.apply(*events)
    aside.put(mongo.writing(), store.generation, {events[1].subject: "a bug"})
    assert differences(store, events).aside == {events[1].subject: "a bug"}
    found = Differences()
    repair(mongo.writing(), store.generation, found, rebuild_id="r", source=WriteSide(), say=silent)
    assert differences(store, events).same


def test_what_is_only_on_its_way_does_not_count(store: Store) -> None:
    events = catalog()
    store.apply(*events[:-1])
    rounds = iter([lambda: None, lambda: store.apply(events[-1])])
    pages = pages_of(events)

    def slow(service: str, kind: str) -> Iterator[list[dict[str, Any]]]:
        if kind == "Characteristic":
            next(rounds, lambda: None)()
        return pages(service, kind)  # type: ignore[no-any-return]

    assert compare(mongo.writing(), store.generation, pages=slow, say=silent).same
