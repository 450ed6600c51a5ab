"""Entries and the index: rev only grows, marks go only when Elasticsearch has what they stand for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from elastic_transport import ConnectionTimeout

from catalog_services.store.documents import create_index
from catalog_services.store.maintenance import Maintenance
from catalog_services.store.projection import consume, dirty, indexing
from catalog_services.store.projection.drain import drain
from catalog_services.store.projection.indexing import REBUILD_NEEDED, ask_for_rebuild
from catalog_services.store.rebuild.checks import compare_contents
from catalog_services.store.rebuild.runner import rebuild
from catalog_services.store.stores import elastic, generations, mongo
from catalog_services.store.stores.availability import ELASTICSEARCH
from catalog_services.store.stores.mongo import collection
from config.services import WRITE_SERVICES
from tests.services.store.conftest import Store, elasticsearch_down
from tests.services.store.factories import (
    CharacteristicState,
    OfferingState,
    PriceState,
    SpecificationState,
    event,
    uses,
)
from tests.services.store.rebuild.conftest import WriteSide, silent


def test_a_mark_stays_until_elasticsearch_has_the_rev(store: Store) -> None:
    offering = OfferingState(name="X")
    store.apply(event("Offering", OfferingState()))
    database, generation = mongo.writing(), store.generation
    with elasticsearch_down():
        store.apply(event("Offering", offering))
        assert dirty.count(database, generation) == 1
    assert drain(database, generation) == 1
    assert dirty.count(database, generation) == 0
    assert store.indexed(offering["id"])["_version"] == store.entry(offering["id"])["rev"]


def test_a_mark_set_again_meanwhile_is_not_taken_away(store: Store) -> None:
    store.apply(event("Offering", OfferingState()))
    database, generation = mongo.writing(), store.generation
    dirty.mark(database, generation, {"prices": ["x"]})
    seen = dirty.marked(database, generation, limit=10)
    dirty.mark(database, generation, {"prices": ["x"]})
    dirty.clear(database, generation, seen)
    assert dirty.count(database, generation) == 1


def test_the_worker_drains_what_was_left_when_elasticsearch_is_back(store: Store) -> None:
    store.apply(event("Offering", OfferingState(name="Early")))
    with elasticsearch_down():
        store.apply(event("Offering", OfferingState(name="Late")))
    Maintenance(WriteSide()).round()
    store.refresh()
    assert store.names() == ["Early", "Late"]


def test_maintenance_is_done_by_one_worker_at_a_time(store: Store) -> None:
    store.apply(event("Offering", OfferingState()))
    first, second = Maintenance(WriteSide()), Maintenance(WriteSide())
    first.round()
    dirty.mark(mongo.writing(), store.generation, {"prices": ["x"]})
    second.round()
    assert dirty.count(mongo.writing(), store.generation) == 1
    first.give_back()
    second.round()
    assert dirty.count(mongo.writing(), store.generation) == 0


def test_an_entry_whose_worker_died_before_elasticsearch_had_it_is_found(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    offering = OfferingState(name="Before")
    store.apply(event("Offering", offering))

    def die(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(indexing, "index", die)
        consume([event("Offering", {**offering, "name": "After"}, version=2)])
    assert store.indexed(offering["id"])["_version"] == 1
    Maintenance(WriteSide()).round()
    assert store.indexed(offering["id"])["_version"] == store.entry(offering["id"])["rev"] == 2


def test_a_mongodb_restored_from_a_copy_overtakes_the_index_and_asks_for_a_rebuild(store: Store) -> None:
    offering = OfferingState(name="First")
    store.apply(event("Offering", offering))
    entries = collection(mongo.writing(), "entries", store.generation)
    copy = entries.find_one({"_id": offering["id"]})
    for version in range(2, 6):
        store.apply(event("Offering", {**offering, "name": f"V{version}"}, version=version))
    assert copy
    entries.replace_one({"_id": offering["id"]}, copy)
    store.apply(event("Offering", {**offering, "name": "After"}, version=6))
    drain(mongo.writing(), store.generation)
    store.refresh()
    assert store.names() == store.names("offerings") == ["After"]
    assert mongo.writing()["meta"].find_one({"_id": REBUILD_NEEDED})


def test_what_was_indexed_of_a_write_that_a_failover_took_back_is_overtaken(store: Store) -> None:
    """The next change gets the rev that the lost one had."""
    offering = OfferingState(name="First")
    store.apply(event("Offering", offering))
    lost = {**store.indexed(offering["id"])["_source"], "hash": "of the lost one", "body": '{"name": "Lost"}'}
    elastic.writing().index(
        index=elastic.write_alias(store.generation),
        id=offering["id"],
        document=lost,
        version=2,
        version_type="external",
    )
    store.apply(event("Offering", {**offering, "name": "After"}, version=2))
    store.refresh()
    assert store.names() == store.names("offerings") == ["After"]
    assert store.indexed(offering["id"])["_version"] == store.entry(offering["id"])["rev"] == 3  # type: ignore[index]


def test_a_needed_rebuild_is_done_by_the_worker(store: Store) -> None:
    kept = event("Offering", OfferingState(name="Kept"))
    store.apply(kept, event("Offering", OfferingState(name="Gone")))
    ask_for_rebuild(mongo.writing(), "a test")
    before = store.generation
    Maintenance(WriteSide([kept])).round()
    generations.forget()
    assert store.generation != before
    assert store.names("offerings") == ["Kept"]
    assert mongo.writing()["meta"].find_one({"_id": REBUILD_NEEDED}) is None


def test_a_mongodb_that_lost_everything_is_rebuilt(store: Store) -> None:
    events = [event("Offering", OfferingState(name=f"Plan {n}")) for n in range(3)]
    store.apply(*events)
    lost = store.generation
    mongo.writing().client.drop_database(mongo.writing().name)
    store.apply(event("Offering", OfferingState(name="New")))
    Maintenance(WriteSide(events)).round()
    generations.forget()
    store.refresh()
    assert store.names() == store.names("offerings") == ["Plan 0", "Plan 1", "Plan 2"]
    assert not elastic.writing().indices.exists(index=elastic.index_name(lost))


def test_a_mongodb_restored_to_an_older_generation_is_rebuilt(store: Store) -> None:
    events = [event("Offering", OfferingState(name="Plan"))]
    store.apply(*events)
    copy = mongo.writing()["meta"].find_one({"_id": generations.POINTER})
    for _ in range(2):
        rebuild(source=WriteSide(events), services=WRITE_SERVICES, say=silent)
    assert copy
    mongo.writing()["meta"].replace_one({"_id": generations.POINTER}, copy)
    restored = store.generation
    Maintenance(WriteSide(events)).round()
    generations.forget()
    assert store.generation != restored
    assert store.names("offerings") == ["Plan"]


def test_the_index_takes_no_field_that_is_not_declared(store: Store) -> None:
    store.apply(event("Offering", OfferingState()))
    mapping = elastic.writing().indices.get_mapping(index=elastic.index_name(store.generation)).body
    (index,) = mapping.values()
    assert index["mappings"]["dynamic"] == "strict"
    assert index["mappings"]["properties"]["numbers"]["dynamic"] == "strict"
    settings = elastic.writing().indices.get_settings(index=elastic.index_name(store.generation)).body
    assert next(iter(settings.values()))["settings"]["index"]["refresh_interval"] == "100ms"


def test_numeric_fields_grow_by_characteristic_up_to_a_limit(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic, "MAX_NUMBER_FIELDS", 2)
    speeds = [CharacteristicState(name=f"C{n}") for n in range(4)]
    access = SpecificationState(characteristics=[uses(speed) for speed in speeds])
    offering = OfferingState(name="X", specification_ids=[access["id"]])
    store.publish(
        *(("Characteristic", speed) for speed in speeds), ("Specification", access), ("Offering", offering)
    )
    assert store.names(characteristic="C0:50..150") == ["X"]
    assert store.names(characteristic="C3:50..150") == []
    assert store.names(characteristic="C3:100") == ["X"]


def test_an_index_made_anew_by_another_process_gets_its_fields_again(store: Store) -> None:
    speed = CharacteristicState(name="Speed")
    access = SpecificationState(characteristics=[uses(speed)])
    offering = OfferingState(name="X", specification_ids=[access["id"]])
    store.publish(("Characteristic", speed), ("Specification", access), ("Offering", offering))
    client, generation = elastic.writing(), store.generation
    known = elastic.ensure_numbers(client, generation, [])
    elastic.drop_index(client, generation)
    elastic.ensure_index(client, generation)
    elastic._known_fields[elastic.index_name(generation)] = known
    store.apply(event("Offering", {**offering, "name": "Y"}, version=2))
    drain(mongo.writing(), generation)
    store.refresh()
    assert store.names(characteristic="Speed:100") == ["Y"]


def test_an_index_whose_making_got_no_answer_is_filled_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unanswered(client: object, name: str, *, write_alias: str) -> None:
        create_index(client, name, write_alias=write_alias)
        raise ConnectionTimeout("it waits for a shard")

    store.publish(("Offering", OfferingState(name="A")), ("Offering", OfferingState(name="B")))
    elastic.drop_index(elastic.writing(), store.generation)
    with monkeypatch.context() as patch:
        patch.setattr(elastic, "create_index", unanswered)
        store.apply(event("Offering", OfferingState(name="C")))
    ELASTICSEARCH.forget()
    store.apply(event("Offering", OfferingState(name="D")))
    drain(mongo.writing(), store.generation)
    store.refresh()
    found = store.get("search")
    assert ([item["name"] for item in found["items"]], found["degraded"]) == (["A", "B", "C", "D"], False)


@pytest.fixture
def _makes_indexes() -> Iterator[None]:
    """Elasticsearch as it comes: a write makes the index that it finds missing."""

    def put(value: bool | None) -> None:
        elastic.writing().cluster.put_settings(persistent={"action.auto_create_index": value})

    put(True)
    yield
    put(None)


@pytest.mark.usefixtures("_makes_indexes")
def test_no_write_makes_an_index_that_was_lost(store: Store) -> None:
    states = [OfferingState(name=name) for name in "AB"]
    store.publish(*(("Offering", state) for state in states))
    database, client, generation = mongo.writing(), elastic.writing(), store.generation
    client.indices.delete(index=elastic.index_name(generation))  # by nobody who would tell this process
    dirty.mark(database, generation, {"offerings": [states[0]["id"]]})
    drain(database, generation)
    assert not client.indices.exists(index=elastic.index_name(generation))
    Maintenance(WriteSide()).round()
    store.refresh()
    found = store.get("search")
    assert ([item["name"] for item in found["items"]], found["degraded"]) == (["A", "B"], False)


@pytest.mark.usefixtures("_makes_indexes")
def test_an_index_that_a_write_made_once_is_made_anew(store: Store) -> None:
    states = [OfferingState(name=name) for name in "AB"]
    store.publish(*(("Offering", state) for state in states))
    client, index = elastic.writing(), elastic.index_name(store.generation)
    content = store.indexed(states[0]["id"])["_source"]
    client.indices.delete(index=index)
    client.index(index=index, id=states[0]["id"], document=content, version=1, version_type="external")
    Maintenance(WriteSide()).round()
    store.refresh()
    found = store.get("search")
    assert ([item["name"] for item in found["items"]], found["degraded"]) == (["A", "B"], False)


def test_an_index_from_before_there_was_an_alias_for_writes_gets_it_and_stays_as_it_is(store: Store) -> None:
    offering = OfferingState(name="Before")
    store.publish(("Offering", offering))
    client, index = elastic.writing(), elastic.index_name(store.generation)
    uuid = client.indices.get(index=index)[index]["settings"]["index"]["uuid"]
    client.indices.delete_alias(index=index, name=elastic.write_alias(store.generation))
    store.apply(event("Offering", {**offering, "name": "After"}, version=2))
    assert client.indices.get(index=index)[index]["settings"]["index"]["uuid"] == uuid
    assert dirty.count(mongo.writing(), store.generation) == 0
    assert store.names() == ["After"]


def test_two_maintenance_workers_and_three_consumers_keep_both_stores_the_same(store: Store) -> None:
    """Whoever holds the lease, and whoever loses it in the middle of a drain: the guards are in the writes."""
    prices = [PriceState(name="Fee") for _ in range(3)]
    offerings = [OfferingState(pricing_ids=[price["id"] for price in prices]) for _ in range(8)]
    store.publish(
        *(("Price", price) for price in prices), *(("Offering", offering) for offering in offerings)
    )
    failures: list[str] = []
    done = threading.Event()

    def change(price: dict[str, Any]) -> None:
        for version in range(2, 8):
            receipts = consume([event("Price", {**price, "name": f"Fee v{version}"}, version=version)])
            failures.extend(receipt.reason for receipt in receipts if receipt.outcome != "ack")

    def maintain(worker: Maintenance) -> None:
        while not done.is_set():
            worker.round()
            dirty.mark(mongo.writing(), store.generation, dirty.EVERYTHING)
            worker.give_back()

    consumers = [threading.Thread(target=change, args=(price,)) for price in prices]
    workers = [threading.Thread(target=maintain, args=(Maintenance(WriteSide()),)) for _ in range(2)]
    for thread in (*workers, *consumers):
        thread.start()
    for thread in consumers:
        thread.join()
    done.set()
    for thread in workers:
        thread.join()
    drain(mongo.writing(), store.generation)
    store.refresh()
    assert not failures
    assert not compare_contents(mongo.writing(), elastic.writing(), store.generation).wrong
    shown = {price["name"] for item in store.get("search")["items"] for price in item["pricing"]}
    assert shown == {"Fee v7"}
