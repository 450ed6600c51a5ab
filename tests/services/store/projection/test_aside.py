"""One entry that cannot be brought is set aside with its reason; every other flows on, and it heals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.core import clock
from apps.outbox.envelope import CloudEvent
from catalog_services.store.maintenance import Maintenance
from catalog_services.store.projection import aside, dirty, entries
from catalog_services.store.projection.drain import drain
from catalog_services.store.projection.health import projection as projection_is_whole
from catalog_services.store.projection.isolate import isolated
from catalog_services.store.rebuild.report import RebuildFailed, Report
from catalog_services.store.rebuild.runner import rebuild
from catalog_services.store.stores import generations, mongo
from config.services import WRITE_SERVICES
from tests.services.store.conftest import Store
from tests.services.store.factories import OfferingState, PriceState, event
from tests.services.store.rebuild.conftest import WriteSide, silent

POISON = "Poison"


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Composing an offering of this name raises what nobody expects."""
    real = entries.compose

    def compose(offering_id: str, offering: dict[str, Any], components: Any) -> dict[str, Any]:
        if offering["name"] == POISON:
            raise KeyError("a bug")
        return real(offering_id, offering, components)

    monkeypatch.setattr(entries, "compose", compose)
    return monkeypatch


def set_aside(store: Store) -> dict[str, str]:
    return aside.reasons(mongo.writing(), store.generation)


def is_told() -> bool:
    generations.forget()
    try:
        projection_is_whole()
    except Exception as error:
        return "1 entries set aside" in str(error)
    return False


def test_an_entry_that_cannot_be_composed_holds_up_no_other(store: Store, bug: pytest.MonkeyPatch) -> None:
    price = PriceState(value="10.00")
    poison = OfferingState(name=POISON, pricing_ids=[price["id"]])
    others = [OfferingState(name=f"Good {n}", pricing_ids=[price["id"]]) for n in range(6)]
    store.publish(("Price", price), ("Offering", poison), *(("Offering", other) for other in others))
    assert store.names() == [f"Good {n}" for n in range(6)]
    assert dirty.count(mongo.writing(), store.generation) == 0
    assert set_aside(store) == {poison["id"]: "KeyError: 'a bug'"}
    assert is_told()
    store.publish(("Price", {**price, "value": "11.00"}), version=2)
    assert {item["pricing"][0]["value"] for item in store.get("search")["items"]} == {"11.00"}
    Maintenance(WriteSide()).round()
    assert set_aside(store).keys() == {poison["id"]}


def test_what_was_set_aside_leaves_with_its_next_good_event(store: Store, bug: pytest.MonkeyPatch) -> None:
    poison = OfferingState(name=POISON)
    store.apply(event("Offering", poison))
    store.publish(("Offering", {**poison, "name": "Cured"}), version=2)
    assert store.names() == ["Cured"]
    assert set_aside(store) == {}
    assert not is_told()


def test_what_was_set_aside_is_tried_again_later_and_later(store: Store, bug: pytest.MonkeyPatch) -> None:
    poison = OfferingState(name=POISON)
    database, start = mongo.writing(), clock.now()
    with clock.pinned(start):
        store.apply(event("Offering", poison))
        assert aside.due(database, store.generation, limit=9) == []
    for seconds, due in ((1.1, True), (2.9, False), (3.2, True), (7.0, False)):
        with clock.pinned(start + timedelta(seconds=seconds)):
            assert bool(aside.due(database, store.generation, limit=9)) is due
            drain(database, store.generation)
    bug.undo()
    with clock.pinned(start + timedelta(seconds=60)):
        drain(database, store.generation)
    store.refresh()
    assert store.names() == [POISON]
    assert set_aside(store) == {}


def test_a_clock_that_was_ahead_does_not_postpone_the_next_try(store: Store, bug: pytest.MonkeyPatch) -> None:
    with clock.pinned(clock.now() + timedelta(hours=1)):
        store.apply(event("Offering", OfferingState(name=POISON)))
    assert len(aside.due(mongo.writing(), store.generation, limit=9)) == 1


def test_a_document_that_elasticsearch_refuses_holds_up_no_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = entries.searchable

    def wrong(item: dict[str, Any], categories: Any) -> dict[str, Any]:
        fields = real(item, categories)
        return {**fields, "is_bundle": "perhaps"} if item["name"] == POISON else fields

    poison = OfferingState(name=POISON)
    with monkeypatch.context() as patch:
        patch.setattr(entries, "searchable", wrong)
        store.publish(("Offering", poison), ("Offering", OfferingState(name="Good")))
        assert store.names() == ["Good"]
        assert "is_bundle" in set_aside(store)[poison["id"]]
        assert dirty.count(mongo.writing(), store.generation) == 0
    store.publish(("Offering", poison), version=2)
    assert store.names() == ["Good", POISON]
    assert set_aside(store) == {}


def test_the_ones_at_fault_are_found_among_many() -> None:
    done: set[int] = set()

    def work(items: Any) -> None:
        if bad := {3, 77} & set(items):
            raise RuntimeError(f"cannot do {min(bad)}")
        done.update(items)

    failed = isolated(work, range(100), unless=(ValueError,), name=str)
    assert failed == {"3": "RuntimeError: cannot do 3", "77": "RuntimeError: cannot do 77"}
    assert done == set(range(100)) - {3, 77}


def rebuilt(*events: CloudEvent) -> Report:
    report = rebuild(source=WriteSide(list(events)), services=WRITE_SERVICES, say=silent)
    generations.forget()
    return report


def test_a_rebuild_that_would_lose_what_customers_see_fails_and_says_why(
    store: Store, request: pytest.FixtureRequest
) -> None:
    poisons = [event("Offering", OfferingState(name=POISON)) for _ in range(4)]
    store.apply(*poisons)
    live = store.generation
    request.getfixturevalue("bug")
    with pytest.raises(RebuildFailed, match=r"4 offerings .*: KeyError: 'a bug'; .*; \.\.\.") as told:
        rebuilt(*poisons)
    assert sum(poison.subject in str(told.value) for poison in poisons) == 3
    assert store.generation == live
    assert store.names() == [POISON] * 4


def test_a_rebuild_tells_what_it_could_not_compose_and_nobody_misses(
    store: Store, bug: pytest.MonkeyPatch
) -> None:
    poison = event("Offering", OfferingState(name=POISON))
    report = rebuilt(poison, event("Offering", OfferingState(name="Good")))
    assert report.aside == {poison.subject: "KeyError: 'a bug'"}
    assert store.names() == ["Good"]
