"""What a rebuild left that died goes by itself: events would go into it for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, PyMongoError

from apps.core.errors import Conflict
from catalog_services.store import maintenance
from catalog_services.store.maintenance import Maintenance
from catalog_services.store.rebuild import runner
from catalog_services.store.rebuild.runner import rebuild
from catalog_services.store.stores import elastic, generations, mongo
from catalog_services.store.stores.leases import Lease
from config.services import WRITE_SERVICES
from tests.services.store.conftest import Monotonic, Store
from tests.services.store.factories import OfferingState, event
from tests.services.store.rebuild.conftest import WriteSide, nothing_is_built, silent
from tests.support.waiting import eventually


@pytest.fixture(autouse=True)
def _looks_in_every_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_LOOK_AFTER_INDEXES_SECONDS", 0.0)


def run() -> None:
    events = [event("Offering", OfferingState(name="Rebuilt"))]
    rebuild(source=WriteSide(events), services=WRITE_SERVICES, say=silent)


def rounds(source: WriteSide, time: Monotonic, between: Callable[[], object] = lambda: None) -> None:
    """As long after each other as a rebuild may be silent."""
    worker = Maintenance(source)
    for _ in range(3):
        worker.round()
        between()
        time.now += maintenance._REBUILD_DIED_SECONDS


@pytest.fixture
def left(store: Store) -> str:
    """A generation that a rebuild was building."""
    return generations.start_building(mongo.writing(), elastic.writing())


@pytest.mark.parametrize("killed", [True, False])
def test_maintenance_removes_what_a_rebuild_left_whose_lease_is_over_or_given_back(
    left: str, killed: bool, time: Monotonic
) -> None:
    if killed:
        assert Lease("rebuild", seconds=6.0).take(mongo.writing())
    source = WriteSide()
    rounds(source, time)
    nothing_is_built()
    assert source.closed == [left]
    assert Lease("rebuild", seconds=6.0).take(mongo.writing())


def beat() -> str:
    """The newest of who rebuilds."""
    return str((mongo.writing()["meta"].find_one({"_id": "lease:rebuild"}) or {})["beat"])


def test_maintenance_leaves_a_rebuild_alone_that_is_at_it(left: str, time: Monotonic) -> None:
    def renewed() -> None:
        before = beat()
        eventually(lambda: beat() != before)

    lease = Lease("rebuild", seconds=0.1)
    assert lease.take(mongo.writing())
    with lease.kept(mongo.writing()):
        rounds(WriteSide(), time, between=renewed)
    assert generations.ensure(mongo.writing()).building == left


def at_the_switch(monkeypatch: pytest.MonkeyPatch, do: Callable[[Any], bool]) -> None:
    real = generations.switch
    monkeypatch.setattr(runner.generations, "switch", lambda *of: do(lambda: real(*of)))


def test_one_whose_generation_was_removed_while_it_stood_still_does_not_switch_and_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = store.generation

    def too_late(switch: Any) -> bool:
        name = str(generations.ensure(mongo.writing()).building)
        generations.stop_building(mongo.writing(), elastic.writing(), name)
        mongo.collection(mongo.writing(), "entries", name).insert_one({"_id": "written without a look"})
        return bool(switch())

    at_the_switch(monkeypatch, too_late)
    with pytest.raises(Conflict, match="took over"):
        run()
    assert store.generation == live
    nothing_is_built()


@pytest.mark.parametrize("switched", [True, False])
def test_a_switch_that_got_no_answer_leaves_one_whole_generation(
    store: Store, monkeypatch: pytest.MonkeyPatch, switched: bool
) -> None:
    def no_answer(switch: Any) -> bool:
        if switched:
            switch()
        raise AutoReconnect("gone")

    store.publish(("Offering", OfferingState(name="Before")))
    at_the_switch(monkeypatch, no_answer)
    with pytest.raises(PyMongoError):
        run()
    generations.forget()
    nothing_is_built()
    store.refresh()
    assert store.names() == ["Rebuilt" if switched else "Before"]
