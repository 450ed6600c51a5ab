"""What very many entries show holds up nothing else."""

from __future__ import annotations

import pytest

from catalog_services.store import maintenance
from catalog_services.store.maintenance import Maintenance
from catalog_services.store.projection import dirty
from catalog_services.store.projection import drain as drain_module
from catalog_services.store.projection.drain import drain
from catalog_services.store.stores import mongo
from tests.services.store.conftest import Store, elasticsearch_down
from tests.services.store.factories import OfferingState, PriceState, event
from tests.services.store.rebuild.conftest import WriteSide


@pytest.fixture(autouse=True)
def _little_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is small, more than a page is much, and a turn is over after a page."""
    for name, value in {"PAGE": 2, "MANY": 2, "TURN_SECONDS": 0.0}.items():
        monkeypatch.setattr(drain_module, name, value)


@pytest.fixture
def shared(store: Store) -> dict[str, str]:
    """A price that nine offerings show."""
    price = dict(PriceState(value="10.00"))
    offerings = [OfferingState(pricing_ids=[price["id"]]) for _ in range(9)]
    store.publish(("Price", price), *(("Offering", offering) for offering in offerings))
    drain(mongo.writing(), store.generation)
    return price


def test_an_event_is_in_both_stores_at_once_while_everything_is_composed_again(
    store: Store, shared: dict[str, str]
) -> None:
    offering = OfferingState()
    store.publish(("Offering", offering))
    dirty.mark(mongo.writing(), store.generation, dirty.EVERYTHING)
    for _ in range(2):
        drain(mongo.writing(), store.generation, seconds=0)
    store.publish(("Offering", {**offering, "lifecycle_status": "RETIRED"}), version=2)
    assert not store.entry(offering["id"])["visible"]  # type: ignore[index]
    assert not store.indexed(offering["id"])["_source"]["visible"]
    assert dirty.count(mongo.writing(), store.generation) == 1
    drain(mongo.writing(), store.generation)
    assert dirty.count(mongo.writing(), store.generation) == 0


def test_what_is_marked_together_with_it_goes_first(store: Store, shared: dict[str, str]) -> None:
    dirty.mark(mongo.writing(), store.generation, dirty.EVERYTHING)
    late = OfferingState()
    store.publish(("Offering", late))
    assert store.indexed(late["id"])["_source"]["visible"]
    assert dirty.count(mongo.writing(), store.generation) == 1


def test_what_an_event_names_goes_before_what_shows_the_others_of_its_batch(
    store: Store, shared: dict[str, str]
) -> None:
    offering = OfferingState()
    store.apply(event("Price", {**shared, "value": "12.50"}, version=2), event("Offering", offering))
    assert store.indexed(offering["id"])["_source"]["visible"]
    assert store.get("search", min_price="12.50", currency="EUR")["items"] == []
    drain(mongo.writing(), store.generation)
    store.refresh()
    assert len(store.get("search", min_price="12.50", currency="EUR")["items"]) == 9
    assert dirty.count(mongo.writing(), store.generation) == 0


def test_nor_when_elasticsearch_comes_back(store: Store, shared: dict[str, str]) -> None:
    late = OfferingState()
    with elasticsearch_down():
        store.publish(("Price", {**shared, "value": "12.50"}), version=2)
        drain(mongo.writing(), store.generation)
        store.publish(("Offering", late))
    drain(mongo.writing(), store.generation, seconds=0)
    assert store.indexed(late["id"])["_source"]["visible"]
    assert dirty.count(mongo.writing(), store.generation) == 1
    drain(mongo.writing(), store.generation)
    assert dirty.count(mongo.writing(), store.generation) == 0


def test_the_worker_rests_only_when_it_is_through_with_it(
    store: Store, shared: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Maintenance(WriteSide())
    monkeypatch.setattr(maintenance, "LEASE_SECONDS", 0.0)  # a round is over after a page of it
    store.publish(("Price", {**shared, "value": "12.50"}), version=2)
    assert [worker.round() > 0 for _ in range(5)] == [False, False, False, False, True]
    assert dirty.count(mongo.writing(), store.generation) == 0
