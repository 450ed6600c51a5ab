"""A rebuild never touches the live generation before it is whole, and then replaces it at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig, TransportError
from elasticsearch import ApiError
from pymongo.collection import Collection

from apps.core.errors import Conflict, Timeout
from apps.outbox.envelope import CloudEvent
from catalog_services.store.projection import consume, dirty, entries, indexing, publications
from catalog_services.store.projection.drain import drain
from catalog_services.store.projection.publications import begin
from catalog_services.store.rebuild import catching_up, joining, runner, wholeness
from catalog_services.store.rebuild.checks import Comparison, compare_contents
from catalog_services.store.rebuild.report import RebuildFailed, Report
from catalog_services.store.rebuild.runner import rebuild
from catalog_services.store.rebuild.snapshots import CelerySnapshots, queue_name
from catalog_services.store.rebuild.wholeness import check
from catalog_services.store.stores import elastic, generations, mongo
from catalog_services.store.stores.leases import Lease
from catalog_services.store.stores.mongo import Document, Mongo
from config.env import BASE_DIR
from config.services import WRITE_SERVICES
from tests.services.store.conftest import Store
from tests.services.store.factories import (
    CharacteristicState,
    OfferingState,
    PriceState,
    SpecificationState,
    event,
    uses,
)
from tests.services.store.rebuild.conftest import WriteSide, nothing_is_built, silent


def catalog(count: int = 5) -> list[CloudEvent]:
    """Snapshots of a small catalog; the first price is a tombstone."""
    speed = CharacteristicState(name="Speed")
    access = SpecificationState(name="Access", characteristics=[uses(speed)])
    gone, fee = PriceState(), PriceState(value="10.00")
    offerings = [
        OfferingState(name=f"Plan {n}", specification_ids=[access["id"]], pricing_ids=[gone["id"], fee["id"]])
        for n in range(count)
    ]
    return [
        event("Characteristic", speed, verb="Snapshot"),
        event("Specification", access, verb="Snapshot"),
        event("Price", fee, version=3, verb="Snapshot"),
        event("Price", gone, version=2, verb="Deleted"),
        *(event("Offering", offering, version=4, verb="Snapshot") for offering in offerings),
    ]


def run(source: WriteSide) -> Report:
    return rebuild(source=source, services=WRITE_SERVICES, say=silent)


def names_now(store: Store) -> list[str]:
    generations.forget()
    store.refresh()
    return store.names("search")


def test_a_rebuild_brings_what_the_events_brought(store: Store) -> None:
    events = catalog()
    store.apply(*events)
    before = names_now(store)
    items = store.get("search")["items"]
    old = store.generation
    report = run(WriteSide(events))
    assert report.generation == store.generation != old
    assert (report.entries, report.visible) == (5, 5)
    assert report.received == {"characteristic": 1, "specification": 1, "pricing": 2, "offering": 5}
    assert names_now(store) == before
    assert store.get("search")["items"] == items


def test_a_rebuild_fills_an_empty_store_and_repairs_a_wrong_one(store: Store) -> None:
    store.apply(event("Offering", OfferingState(name="Phantom")))
    run(WriteSide(catalog(2)))
    assert names_now(store) == ["Plan 0", "Plan 1"]


def test_a_rehearsal_is_checked_and_leaves_everything_as_it_was(store: Store) -> None:
    store.apply(event("Offering", OfferingState(name="Live")))
    before = generations.ensure(mongo.writing())
    report = rebuild(source=WriteSide(catalog(2)), services=WRITE_SERVICES, say=silent, rehearse=True)
    assert (report.entries, report.visible) == (2, 2)
    assert generations.ensure(mongo.writing()) == before
    assert names_now(store) == ["Live"]
    assert report.generation not in mongo.generations_there(mongo.writing())
    assert report.generation not in elastic.generations_there(elastic.writing())


def test_a_rebuild_asks_every_write_service_once(store: Store) -> None:
    source = WriteSide(catalog())
    report = run(source)
    assert source.asked == list(WRITE_SERVICES)
    assert source.closed == [report.generation]


def test_what_goes_through_a_whole_collection_waits_long_for_an_answer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hardly any is not PUBLISHED: MongoDB looks through all before it answers."""
    patience: list[float] = []
    real = joining.collection

    def asked(database: Mongo, *of: str) -> Collection[Document]:
        patience.append(database.client.options.pool_options.socket_timeout)
        return real(database, *of)

    monkeypatch.setattr(joining, "collection", asked)
    run(WriteSide(catalog()))
    assert patience
    assert min(patience) >= 600


def test_events_that_come_meanwhile_are_in_both_generations(store: Store) -> None:
    events = catalog(1)
    store.apply(*events)
    offering = {**events[-1].data, "name": "Changed meanwhile"}
    refers_to = {name: offering[name] for name in ("specification_ids", "pricing_ids")}
    fresh = OfferingState(name="Came meanwhile", **refers_to)

    def live() -> None:
        store.apply(event("Offering", offering, version=5), event("Offering", fresh))
        assert names_now(store) == ["Came meanwhile", "Changed meanwhile"]

    run(WriteSide(events, meanwhile=live))
    assert names_now(store) == ["Came meanwhile", "Changed meanwhile"]
    came, changed = store.get("search")["items"]
    assert came["pricing"] == changed["pricing"] != [], "of which the new generation had heard nothing yet"
    assert came["specifications"] == changed["specifications"] != []


@pytest.mark.parametrize("verb", ["Updated", "Deleted"])
def test_what_is_retired_or_deleted_while_it_is_composed_is_not_shown(
    store: Store, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """Who retires it finds no entry that would have to go."""
    events = catalog(1)
    retired = event("Offering", {**events[-1].data, "lifecycle_status": "RETIRED"}, version=5, verb=verb)
    prepared, waiting = publications.prepared, [retired]

    def after_the_offering_was_read(*of: Any) -> set[str]:
        if waiting:
            store.apply(waiting.pop())
        return prepared(*of)

    monkeypatch.setattr(publications, "prepared", after_the_offering_was_read)
    run(WriteSide(events))
    assert waiting == []
    assert names_now(store) == []


def test_what_was_set_aside_while_it_was_composed_from_an_older_read_is_composed_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older read shows nothing, and all later looks are for what is not PUBLISHED."""
    events = catalog(1)
    published = event("Offering", events[-1].data, version=5)
    events[-1] = event("Offering", {**events[-1].data, "lifecycle_status": "PUBLISHING"}, version=4)
    prepared, waiting = publications.prepared, [published]

    def fails(*_: Any) -> None:
        raise KeyError("for a moment")

    def after_the_offering_was_read(*of: Any) -> set[str]:
        if waiting:
            with monkeypatch.context() as moment:
                moment.setattr(entries, "compose", fails)
                store.apply(waiting.pop())
        return prepared(*of)

    monkeypatch.setattr(publications, "prepared", after_the_offering_was_read)
    run(WriteSide(events))
    assert waiting == []
    assert names_now(store) == ["Plan 0"]


def test_events_after_the_switch_go_into_the_new_generation(store: Store) -> None:
    events = catalog(1)
    run(WriteSide(events))
    store.apply(event("Offering", {**events[-1].data, "name": "After"}, version=5))
    assert names_now(store) == ["After"]


def test_an_undone_publication_stays_undone(store: Store) -> None:
    begin(mongo.writing(), publication_id="p", offering_id="o")
    run(WriteSide(catalog()))
    assert mongo.writing()["publications"].count_documents({}) == 1


def test_the_previous_generation_is_kept_and_the_one_before_it_goes(store: Store) -> None:
    first = run(WriteSide(catalog())).generation
    second = run(WriteSide(catalog())).generation
    third = run(WriteSide(catalog())).generation
    pointer = generations.ensure(mongo.writing())
    assert (pointer.live, pointer.previous, pointer.building) == (third, second, None)
    client = elastic.writing()
    assert client.indices.exists(index=elastic.index_name(second))
    assert not client.indices.exists(index=elastic.index_name(first))
    assert not [name for name in mongo.writing().list_collection_names() if first in name]


def test_the_alias_follows_so_that_elasticsearch_alone_knows_what_is_live(store: Store) -> None:
    report = run(WriteSide(catalog()))
    assert list(elastic.writing().indices.get_alias(name=elastic.alias())) == [
        elastic.index_name(report.generation)
    ]


def test_lost_snapshots_leave_the_live_generation_untouched(store: Store) -> None:
    store.apply(*catalog(1))
    live, shown = store.generation, names_now(store)
    with pytest.raises(RebuildFailed, match="offering"):
        run(WriteSide(catalog(9), lose=1))
    assert (store.generation, names_now(store)) == (live, shown)
    nothing_is_built()


def test_one_bad_snapshot_is_told_and_stops_nothing(store: Store) -> None:
    bad = event("Price", {**PriceState(), "value": "abc"}, verb="Snapshot")
    report = run(WriteSide([*catalog(1), bad]))
    assert [bad.subject in line for line in report.refused] == [True]
    assert names_now(store) == ["Plan 0"]


def test_a_rebuild_that_dies_half_way_is_replaced_by_the_next(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = catalog()
    store.apply(*events)
    live, shown = store.generation, names_now(store)

    def die() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dead, pytest.raises(KeyboardInterrupt):
        dead.setattr(runner, "_abandon", lambda *_: None)
        run(WriteSide(events, meanwhile=die))
    half = generations.ensure(mongo.writing()).building
    assert half
    events[-1] = event("Offering", {**events[-1].data, "name": "Later"}, version=5)
    store.apply(events[-1])
    assert store.generation == live
    assert len(names_now(store)) == len(shown)
    source = WriteSide(events)
    assert run(source).entries == 5
    assert half in source.closed
    assert "Later" in names_now(store)
    assert not elastic.writing().indices.exists(index=elastic.index_name(half))


def test_two_rebuilds_do_not_run_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PATIENCE_SECONDS", 0.0)
    first = Lease("rebuild", seconds=30)
    assert first.take(mongo.writing())
    with pytest.raises(Conflict, match="Another"):
        run(WriteSide(catalog()))
    first.give_back(mongo.writing())
    assert run(WriteSide(catalog())).entries == 5


def test_events_and_rebuilds_side_by_side_lose_nothing(store: Store) -> None:
    """Two workers deliver while two rebuilds follow each other; in the end everything is there, in both stores."""
    states = [OfferingState(name=f"Plan {n:02} v1") for n in range(12)]
    done = threading.Event()
    versions = dict.fromkeys(range(12), 1)
    store.apply(*(event("Offering", state) for state in states))
    failures: list[Any] = []

    def state(number: int) -> CloudEvent:
        """What the write side has committed."""
        version = versions[number]
        return event("Offering", {**states[number], "name": f"Plan {number:02} v{version}"}, version=version)

    def deliver(mine: range) -> None:
        while not done.is_set():
            for number in mine:
                versions[number] += 1
                failures.extend(receipt for receipt in consume([state(number)]) if receipt.outcome != "ack")

    workers = [threading.Thread(target=deliver, args=(range(start, 12, 2),)) for start in (0, 1)]
    for worker in workers:
        worker.start()
    try:
        for _ in range(2):
            run(WriteSide(at_request=lambda: [state(number) for number in range(12)]))
    finally:
        done.set()
        for worker in workers:
            worker.join()
    assert not failures
    drain(mongo.writing(), store.generation)  # what a turn left, which no maintenance is here to bring
    expected = [f"Plan {number:02} v{versions[number]}" for number in range(12)]
    assert names_now(store) == store.names("offerings") == expected
    assert not compare_contents(mongo.writing(), elastic.writing(), store.generation).wrong


@pytest.fixture
def broker() -> Iterator[Celery]:
    """A Celery application on a database of the broker that no worker listens to."""
    app = Celery("test", broker=settings.CELERY["broker_url"].rsplit("/", 1)[0] + "/41", set_as_current=False)
    app.conf.update(broker_transport_options={"socket_timeout": 5})
    yield app
    app.close()


def answer(app: Celery, rebuild_id: str, events: list[CloudEvent]) -> None:
    """Stream as ``apps.outbox.snapshots.stream`` does."""
    with app.connection_for_write() as connection, connection.SimpleQueue(queue_name(rebuild_id)) as queue:
        for source in WRITE_SERVICES:
            own = [event.to_wire() for event in events if event.source == source]
            queue.put(
                {"rebuild_id": rebuild_id, "source": source, "start": 0, "events": own}, serializer="json"
            )
            queue.put(
                {"rebuild_id": rebuild_id, "source": source, "end": True, "count": len(own)},
                serializer="json",
            )


def test_snapshots_come_over_the_real_broker(store: Store, broker: Celery) -> None:
    events = catalog()
    source = CelerySnapshots(broker, patience=20)

    def write_side() -> None:
        while (building := generations.ensure(mongo.writing()).building) is None:
            time.sleep(0.05)
        answer(broker, building, events)

    services = threading.Thread(target=write_side)
    services.start()
    try:
        report = rebuild(source=source, services=WRITE_SERVICES, say=silent)
    finally:
        services.join()
        _empty(broker)
    assert report.entries == 5
    assert names_now(store) == [f"Plan {n}" for n in range(5)]


def test_a_silent_write_side_is_told_and_leaves_the_store_as_it_is(store: Store, broker: Celery) -> None:
    store.apply(*catalog(1))
    live = store.generation
    try:
        with pytest.raises(Timeout, match="workers"):
            rebuild(source=CelerySnapshots(broker, patience=0.5), services=WRITE_SERVICES, say=silent)
    finally:
        _empty(broker)
    assert store.generation == live
    nothing_is_built()


def _empty(app: Celery) -> None:
    with app.connection_for_write() as connection:
        for service in WRITE_SERVICES:
            connection.default_channel.queue_delete(f"{service}.events")


def halfway(building: str, moment: str) -> bool:
    """Has a rebuild come as far as this?"""
    entries = mongo.collection(mongo.writing(), "entries", building)
    offerings = mongo.collection(mongo.writing(), "offerings", building)
    return {"asked": True, "loading": bool(offerings.find_one()), "composing": bool(entries.find_one())}[
        moment
    ]


@pytest.mark.parametrize("moment", ["asked", "loading", "composing"])
def test_a_killed_command_leaves_the_store_as_it_is_and_a_second_run_finishes(
    store: Store, broker: Celery, moment: str
) -> None:
    events = catalog(100)
    store.apply(*events)
    live, shown = store.generation, names_now(store)
    environment = {
        **os.environ,
        "STORE_MONGODB_DATABASE": settings.STORE_MONGODB_DATABASE,
        "STORE_INDEX_PREFIX": settings.STORE_INDEX_PREFIX,
        "REDIS_URL": settings.CELERY["broker_url"].rsplit("/", 1)[0] + "/41",
    }
    command = subprocess.Popen(
        [sys.executable, "manage.py", "store", "rebuild"],
        cwd=BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 120
        while (building := generations.ensure(mongo.writing()).building) is None:
            assert command.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
        if moment != "asked":
            # Quick as it is, it has to be at it still when the kill comes: it waits for an index that takes no writes.
            index = elastic.index_name(building)
            elastic.writing().indices.put_settings(index=index, settings={"index.blocks.write": True})
            answer(broker, building, events)
        while not halfway(building, moment):
            assert time.monotonic() < until
    finally:
        command.send_signal(signal.SIGKILL)
        command.wait()
    assert (store.generation, names_now(store)) == (live, shown)
    assert run(WriteSide(events)).entries == 100
    assert names_now(store) == shown
    _empty(broker)


def test_an_entry_that_the_index_never_gets_makes_the_rebuild_fail(store: Store) -> None:
    """Not only on its way: every look finds the index without it."""
    lost = OfferingState()
    store.publish(("Offering", lost))
    elastic.writing().delete(index=elastic.index_name(store.generation), id=lost["id"], refresh=True)
    with pytest.raises(RebuildFailed, match="differ in 1 entries"):
        check(mongo.writing(), Report(generation=store.generation), silent)


def out_of_memory(times: int) -> Any:
    """What Elasticsearch answers while its heap is full, so many times; then it is itself again."""
    real, refusals = wholeness.compare_stores, iter(range(times))

    def compared(*of: Any) -> Comparison:
        if next(refusals, None) is not None:
            meta = ApiResponseMeta(429, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "localhost", 9200))
            raise ApiError("circuit_breaking_exception", meta, {})
        return real(*of)

    return compared


def test_a_rebuild_outlives_an_elasticsearch_that_is_short_of_memory(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wholeness, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(wholeness, "compare_stores", out_of_memory(3))
    assert run(WriteSide(catalog())).entries == 5
    assert len(names_now(store)) == 5


def test_an_elasticsearch_that_stays_away_fails_the_rebuild_and_the_live_store_goes_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(WriteSide(catalog()))
    live = store.generation
    monkeypatch.setattr(wholeness, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(wholeness, "ELASTICSEARCH_SECONDS", 0.05)
    monkeypatch.setattr(wholeness, "compare_stores", out_of_memory(1000))
    with pytest.raises(RebuildFailed, match="Elasticsearch: ApiError"):
        run(WriteSide(catalog()))
    assert (store.generation, len(names_now(store))) == (live, 5)
    nothing_is_built()


def writes_blocked(blocked: bool) -> None:
    """The index of the generation that is being built takes no writes, or does again."""
    index = elastic.index_name(str(generations.ensure(mongo.writing()).building))
    elastic.writing().indices.put_settings(index=index, settings={"index.blocks.write": blocked})


def test_what_elasticsearch_did_not_take_is_waited_for_as_long_as_a_check_waits(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries, real = iter(range(60)), catching_up.drain

    def drained(*of: Any, **more: Any) -> int:
        if next(tries, None) is None:
            writes_blocked(False)
        return real(*of, **more)

    monkeypatch.setattr(catching_up, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(catching_up, "drain", drained)
    run(WriteSide(catalog(), meanwhile=lambda: writes_blocked(True)))
    assert len(names_now(store)) == 5


def test_what_elasticsearch_never_takes_fails_the_rebuild(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(catching_up, "ELASTICSEARCH_SECONDS", 0.05)
    with pytest.raises(RebuildFailed, match="1 changes cannot be indexed"):
        run(WriteSide(catalog(), meanwhile=lambda: writes_blocked(True)))
    nothing_is_built()


def test_a_rebuild_ends_while_changes_are_marked_all_the_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, real = catalog(1), catching_up.drain

    def mark() -> None:
        building = str(generations.ensure(mongo.writing()).building)
        dirty.mark(mongo.writing(), building, {"offerings": [events[-1].subject]})

    def drained(*of: Any, **more: Any) -> int:
        done = real(*of, **more)
        mark()
        return done

    monkeypatch.setattr(catching_up, "ELASTICSEARCH_SECONDS", 5.0)
    monkeypatch.setattr(catching_up, "drain", drained)
    assert run(WriteSide(events, meanwhile=mark)).entries == 1
    assert dirty.count(mongo.writing(), store.generation) == 1
    assert names_now(store) == ["Plan 0"]


def test_who_is_interrupted_leaves_nothing_that_events_go_into(store: Store) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    store.apply(*catalog(1))
    with pytest.raises(KeyboardInterrupt):
        run(WriteSide(catalog(1), meanwhile=interrupt))
    nothing_is_built()


def test_one_that_has_switched_is_done_though_it_cannot_tidy_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise TransportError("gone")

    mongo.writing()["meta"].insert_one({"_id": indexing.REBUILD_NEEDED, "reason": "it was lost"})
    monkeypatch.setattr(runner.elastic, "point_alias", refused)
    assert run(WriteSide(catalog(1))).generation == store.generation
    assert names_now(store) == ["Plan 0"]
    assert mongo.writing()["meta"].find_one({"_id": indexing.REBUILD_NEEDED}) is None
