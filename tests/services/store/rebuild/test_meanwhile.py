"""What changes while a rebuild is at work is in what it leads to."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from apps.outbox.envelope import CloudEvent
from catalog_services.store import maintenance
from catalog_services.store.projection import consume, dirty, entries, indexing, publications
from catalog_services.store.projection import drain as drain_module
from catalog_services.store.projection.drain import drain
from catalog_services.store.rebuild import catching_up
from catalog_services.store.rebuild.checks import compare_contents
from catalog_services.store.stores import elastic, generations, mongo
from tests.services.store.conftest import Store
from tests.services.store.factories import OfferingState, event
from tests.services.store.rebuild.conftest import WriteSide, catalog, names_now, run


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


def test_what_very_many_show_goes_on_while_the_worker_rebuilds(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else goes on with it."""
    monkeypatch.setattr(drain_module, "MANY", 1)
    monkeypatch.setattr(maintenance, "_ROUND_SECONDS", 0.0)
    events = catalog(3)
    store.apply(*events)
    live, fee = store.generation, events[2]
    left: list[int] = []

    class Source(WriteSide):
        def close(self, rebuild_id: str) -> None:  # all is loaded, nothing is composed
            left.append(dirty.count(mongo.writing(), live))

    def change() -> None:
        store.apply(event("Price", {**fee.data, "value": "12.50"}, version=4))
        assert dirty.marked(mongo.writing(), live, dirty.LONG, limit=1)

    indexing.ask_for_rebuild(mongo.writing(), "It was lost.")
    maintenance.Maintenance(Source(events, meanwhile=change)).round()
    assert left == [0]
    assert store.generation != live
