"""While Elasticsearch is down MongoDB is brought up to date, however long that lasts and however much changes; what
Elasticsearch lacks it gets when it is back."""

from __future__ import annotations

import pytest
from django.test import override_settings

from catalog_services.store.projection import consume, dirty
from catalog_services.store.projection import drain as drain_module
from catalog_services.store.projection.bringing import bring
from catalog_services.store.projection.components import component_of, upsert
from catalog_services.store.projection.drain import drain
from catalog_services.store.stores import mongo
from catalog_services.store.stores.mongo import collection
from tests.services.store.conftest import Store, elasticsearch_down
from tests.services.store.factories import OfferingState, PriceState, event

MORE_THAN_A_TURN_TAKES = drain_module.MARKS + 5


def test_however_many_changes_come_mongodb_shows_each_at_once(store: Store) -> None:
    first, *others = [OfferingState() for _ in range(MORE_THAN_A_TURN_TAKES)]
    store.publish(("Offering", first))
    with elasticsearch_down():
        for offering in others:
            store.publish(("Offering", offering))
        store.publish(("Offering", {**first, "lifecycle_status": "RETIRED"}), version=2)
        assert all(store.entry(offering["id"]) for offering in others)
        assert not store.entry(first["id"])["visible"]  # type: ignore[index]
        assert drain(mongo.writing(), store.generation) == 0
        assert dirty.count(mongo.writing(), store.generation) == MORE_THAN_A_TURN_TAKES
    drain(mongo.writing(), store.generation)
    assert dirty.count(mongo.writing(), store.generation) == 0
    assert not store.indexed(first["id"])["_source"]["visible"]
    assert all(store.indexed(offering["id"])["_source"]["visible"] for offering in others)


def test_what_has_no_entry_says_nothing_of_an_elasticsearch_that_was_not_asked(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with elasticsearch_down(), override_settings(STORE_DOWN_MEMORY=0.0):
        store.publish(("Offering", OfferingState()))
        list(bring(mongo.writing(), store.generation, [["nobody's"]]))
        assert "store is back" not in caplog.text


def test_a_change_of_very_many_goes_on_where_it_ended(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drain_module, "PAGE", 2)
    monkeypatch.setattr(drain_module, "MANY", 2)
    price = PriceState(value="10.00")
    ids = sorted(_publish_with(store, price, 5))
    _change(store, {**price, "value": "12.50"})
    with elasticsearch_down():
        for so_far in (2, 4, 5):
            drain(mongo.writing(), store.generation, seconds=0)
            assert [b"12.50" in store.entry(id)["body"] for id in ids] == [at < so_far for at in range(5)]  # type: ignore[index]
        assert drain(mongo.writing(), store.generation, seconds=0) == 0
    for so_far in (2, 4, 5):
        drain(mongo.writing(), store.generation, seconds=0)
        shown = ["12.50" in store.indexed(id)["_source"]["body"] for id in ids]
        assert shown == [at < so_far for at in range(5)]
    assert dirty.count(mongo.writing(), store.generation) == 0


def test_one_that_ends_while_a_change_of_very_many_is_at_work_leaves_nothing_out(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_module, "PAGE", 2)
    monkeypatch.setattr(drain_module, "MANY", 2)
    price = PriceState(value="10.00")
    ids = _publish_with(store, price, 7)
    _change(store, {**price, "value": "12.50"})
    drain(mongo.writing(), store.generation, seconds=0)
    for _ in range(2):
        with elasticsearch_down():
            drain(mongo.writing(), store.generation, seconds=0)
    drain(mongo.writing(), store.generation)
    assert all("12.50" in store.indexed(id)["_source"]["body"] for id in ids)
    assert dirty.count(mongo.writing(), store.generation) == 0


def test_who_dies_when_mongodb_has_it_leaves_it_marked(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    offering = OfferingState(name="Before")
    store.publish(("Offering", offering))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    for version, line in enumerate(("owe", "clear"), start=2):
        with elasticsearch_down(), monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(dirty, line, die)
            consume([event("Offering", {**offering, "name": line}, version=version)])
        assert store.entry(offering["id"])["rev"] == version  # type: ignore[index]
        drain(mongo.writing(), store.generation)
        assert store.indexed(offering["id"])["_version"] == version
        assert dirty.count(mongo.writing(), store.generation) == 0


def test_what_is_owed_is_as_old_as_its_change(store: Store) -> None:
    store.publish(("Offering", OfferingState()))
    mark = dirty.mark(mongo.writing(), store.generation, {"prices": ["none"]})
    made = dirty.oldest(mongo.writing(), store.generation)
    dirty.owe(mongo.writing(), store.generation, [mark])
    dirty.owe(mongo.writing(), store.generation, [mark])
    dirty.clear(mongo.writing(), store.generation, [mark])
    assert dirty.count(mongo.writing(), store.generation) == 1
    assert dirty.oldest(mongo.writing(), store.generation) == made is not None


def test_a_mark_from_before_marks_named_causes_is_owed_too(store: Store) -> None:
    offering = OfferingState()
    store.publish(("Offering", offering))
    with elasticsearch_down():
        collection(mongo.writing(), "entries", store.generation).delete_one({"_id": offering["id"]})
        collection(mongo.writing(), "dirty", store.generation).insert_one(
            {"_id": offering["id"], "token": "then"}
        )
        drain(mongo.writing(), store.generation)
        assert store.entry(offering["id"])
        assert dirty.count(mongo.writing(), store.generation) == 1
    assert drain(mongo.writing(), store.generation) == 1
    assert dirty.count(mongo.writing(), store.generation) == 0


def _publish_with(store: Store, price: dict[str, str], count: int) -> list[str]:
    """Offerings that have a price; gives their ids."""
    offerings = [OfferingState(pricing_ids=[price["id"]]) for _ in range(count)]
    store.publish(("Price", price), *(("Offering", offering) for offering in offerings))
    drain(mongo.writing(), store.generation)
    return [offering["id"] for offering in offerings]


def _change(store: Store, price: dict[str, str]) -> None:
    """A price is another, and nobody was at it yet."""
    changed = component_of(event("Price", price, version=2))
    assert changed
    upsert(mongo.writing(), store.generation, [changed])
    dirty.mark(mongo.writing(), store.generation, {"prices": [price["id"]]})
