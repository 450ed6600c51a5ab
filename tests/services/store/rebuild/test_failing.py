"""A rebuild that cannot be brought to its end leaves the live generation as it was, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig, TransportError
from elasticsearch import ApiError

from apps.core.errors import Conflict
from catalog_services.store import maintenance
from catalog_services.store.projection import indexing
from catalog_services.store.rebuild import catching_up, runner, wholeness
from catalog_services.store.rebuild.checks import Comparison
from catalog_services.store.rebuild.report import RebuildFailed, Report
from catalog_services.store.rebuild.wholeness import check
from catalog_services.store.stores import elastic, generations, mongo
from catalog_services.store.stores.leases import Lease
from tests.services.store.conftest import Monotonic, Store
from tests.services.store.factories import OfferingState, event
from tests.services.store.rebuild.conftest import WriteSide, catalog, names_now, nothing_is_built, run, silent


def test_lost_snapshots_leave_the_live_generation_untouched(store: Store) -> None:
    store.apply(*catalog(1))
    live, shown = store.generation, names_now(store)
    with pytest.raises(RebuildFailed, match="offering"):
        run(WriteSide(catalog(9), lose=1))
    assert (store.generation, names_now(store)) == (live, shown)
    nothing_is_built()


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


def test_one_that_fails_after_long_is_not_begun_again_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, time: Monotonic
) -> None:
    """Whose turn would be next is never come to."""
    begun: list[float] = []

    def fails(**_: object) -> Report:
        begun.append(time.now)
        time.now += maintenance._REBUILD_AGAIN_SECONDS + 1
        raise RebuildFailed("It lacks something.")

    monkeypatch.setattr(maintenance, "rebuild", fails)
    monkeypatch.setattr(maintenance, "_LOOK_AFTER_INDEXES_SECONDS", 0.0)
    indexing.ask_for_rebuild(mongo.writing(), "It was lost.")
    worker = maintenance.Maintenance(WriteSide())
    with pytest.raises(RebuildFailed):
        worker.round()
    worker.round()
    assert len(begun) == 1
