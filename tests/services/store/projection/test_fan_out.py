"""A changed component changes every entry that shows it."""

from __future__ import annotations

from typing import Any

import pytest

from catalog_services.store.projection import dirty, entries
from catalog_services.store.projection import drain as drain_module
from catalog_services.store.projection.components import component_of, upsert
from catalog_services.store.projection.drain import drain, work_off
from catalog_services.store.stores import elastic, mongo
from catalog_services.store.stores.mongo import collection
from tests.services.store.conftest import Store
from tests.services.store.factories import (
    CatalogState,
    CategoryState,
    CharacteristicState,
    OfferingState,
    PriceState,
    SpecificationState,
    event,
    uses,
)


def test_a_price_change_reaches_every_offering_that_has_it(store: Store) -> None:
    price = PriceState(value="10.00")
    offerings = [OfferingState(pricing_ids=[price["id"]]) for _ in range(7)]
    store.publish(("Price", price), *(("Offering", o) for o in offerings), ("Offering", OfferingState()))
    store.publish(("Price", {**price, "value": "12.50"}), version=2)
    found = store.get("search", min_price="12.50", currency="EUR")
    assert {item["id"] for item in found["items"]} == {o["id"] for o in offerings}
    assert {item["pricing"][0]["value"] for item in found["items"]} == {"12.50"}


def test_a_change_of_many_that_takes_too_long_goes_on_where_it_ended(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both stores have what is brought so far, and nothing was composed that then has to wait."""
    price = PriceState(value="10.00")
    offerings = [OfferingState(pricing_ids=[price["id"]]) for _ in range(5)]
    store.publish(("Price", price), *(("Offering", offering) for offering in offerings))
    changed = component_of(event("Price", {**price, "value": "12.50"}, version=2))
    assert changed
    upsert(mongo.writing(), store.generation, [changed])
    dirty.mark(mongo.writing(), store.generation, {"prices": [price["id"]]})
    monkeypatch.setattr(drain_module, "PAGE", 2)
    ids = sorted(offering["id"] for offering in offerings)
    for page, so_far in ((2, 2), (2, 4), (1, 5)):
        marks = dirty.marked(mongo.writing(), store.generation, limit=10)
        assert work_off(mongo.writing(), store.generation, marks, seconds=0) == page
        shown = [b"12.50" in store.entry(id)["body"] for id in ids]  # type: ignore[index]
        assert (
            shown
            == ["12.50" in store.indexed(id)["_source"]["body"] for id in ids]
            == [at < so_far for at in range(5)]
        )
    assert dirty.count(mongo.writing(), store.generation) == 0


def test_a_renamed_characteristic_is_found_by_its_new_name_only(store: Store) -> None:
    speed = CharacteristicState(name="Speed")
    access = SpecificationState(characteristics=[uses(speed)])
    store.publish(
        ("Characteristic", speed),
        ("Specification", access),
        ("Offering", OfferingState(specification_ids=[access["id"]])),
    )
    assert len(store.names(characteristic="Speed:100")) == 1
    store.publish(("Characteristic", {**speed, "name": "Bandwidth"}), version=2)
    assert store.names(characteristic="Speed:100") == []
    assert len(store.names(characteristic="Bandwidth:100")) == 1


def test_a_category_moved_changes_the_path_of_everything_below(store: Store) -> None:
    root, other = CategoryState(name="Home"), CategoryState(name="Business")
    middle = CategoryState(name="Internet", parent_id=root["id"])
    leaf = CategoryState(name="Fibre", parent_id=middle["id"])
    store.publish(
        *(("Category", c) for c in (root, other, middle, leaf)),
        ("Offering", OfferingState(category_ids=[leaf["id"]])),
    )
    assert store.get("offerings")["items"][0]["categories"][0]["path"] == "Home / Internet / Fibre"
    store.publish(("Category", {**middle, "parent_id": other["id"]}), version=2)
    assert store.get("offerings")["items"][0]["categories"][0]["path"] == "Business / Internet / Fibre"
    assert len(store.names(category="business")) == 1
    assert store.names(category="home") == []


def test_categories_in_a_loop_do_no_harm(store: Store) -> None:
    one, two = CategoryState(name="One"), CategoryState(name="Two")
    one["parent_id"], two["parent_id"] = two["id"], one["id"]
    store.publish(("Category", one), ("Category", two), ("Offering", OfferingState(category_ids=[one["id"]])))
    assert store.get("offerings")["items"][0]["categories"][0]["path"] == "Two / One"


def test_a_bundle_shows_its_members_new_name(store: Store) -> None:
    member = OfferingState(name="Inside")
    bundle = OfferingState(
        name="Bundle",
        is_bundle=True,
        bundled_offerings=[{"id": member["id"], "min": 1, "max": 1, "default": 1}],
    )
    store.publish(("Offering", bundle), ("Offering", member))
    store.publish(("Offering", {**member, "name": "Within"}), version=2)
    (item,) = store.get("search", is_bundle="true")["items"]
    assert item["bundled_offerings"] == [
        {"id": member["id"], "min": 1, "max": 1, "default": 1, "name": "Within"}
    ]


def test_a_deleted_price_is_shown_no_more(store: Store) -> None:
    price, catalog = PriceState(), CatalogState()
    offering = OfferingState(pricing_ids=[price["id"]], catalog_ids=[catalog["id"]])
    store.publish(("Price", price), ("Catalog", catalog), ("Offering", offering))
    store.apply(
        event("Price", price, version=2, verb="Deleted"), event("Catalog", catalog, version=2, verb="Deleted")
    )
    (item,) = store.get("offerings")["items"]
    assert item["pricing"] == item["catalogs"] == []


def test_the_item_is_whole(store: Store) -> None:
    speed = CharacteristicState(
        name="Speed", values=[{"value": "100", "is_default": True}, {"value": "500", "is_default": False}]
    )
    access = SpecificationState(name="Access", characteristics=[uses(speed, configurable=True)])
    price, category, catalog = (
        PriceState(name="Fee"),
        CategoryState(name="Internet"),
        CatalogState(name="Home"),
    )
    offering = OfferingState(
        name="Fibre",
        specification_ids=[access["id"]],
        pricing_ids=[price["id"]],
        category_ids=[category["id"]],
        catalog_ids=[catalog["id"]],
        characteristic_values=[{"characteristic_id": speed["id"], "value": "500"}],
    )
    store.publish(
        ("Offering", offering), ("Catalog", catalog), ("Category", category), ("Price", price),
        ("Specification", access), ("Characteristic", speed),
    )  # fmt: skip
    item = store.get(f"offerings/{offering['id']}")
    assert item["name"] == "Fibre"
    assert item["lifecycle_status"] == "PUBLISHED"
    assert item["published_at"] == "2026-06-01T00:00:00Z"
    assert item["sales_channels"] == ["online"]
    assert item["categories"] == [{"id": category["id"], "name": "Internet", "path": "Internet"}]
    assert item["catalogs"] == [{"id": catalog["id"], "name": "Home", "valid_from": None, "valid_to": None}]
    (specification,) = item["specifications"]
    (characteristic,) = specification["characteristics"]
    assert (characteristic["name"], characteristic["value"], characteristic["pinned"]) == (
        "Speed",
        "500",
        True,
    )
    assert characteristic["values"] == ["100", "500"]
    assert [(p["name"], p["value"], p["currency"]) for p in item["pricing"]] == [("Fee", "19.90", "EUR")]


def test_a_mark_from_before_marks_named_causes_is_worked_off(store: Store) -> None:
    """A store is upgraded while it runs: what was marked then is brought like anything else."""
    offering = OfferingState(name="Marked")
    store.publish(("Offering", offering))
    database = mongo.writing()
    elastic.writing().delete(index=elastic.index_name(store.generation), id=offering["id"])
    collection(database, "entries", store.generation).update_one(
        {"_id": offering["id"]}, {"$inc": {"rev": 2}}
    )
    collection(database, "dirty", store.generation).insert_one({"_id": offering["id"], "token": "then"})
    drain(database, store.generation)
    store.refresh()
    assert store.names() == ["Marked"]
    assert dirty.count(database, store.generation) == 0


def test_who_composed_from_older_components_loses_to_who_composed_the_same_as_before(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """10.00 is shown, a worker that composed 20.00 stands still, and by then it is 10.00 again."""
    price = PriceState(value="10.00")
    offering = OfferingState(pricing_ids=[price["id"]])
    store.publish(("Price", price), ("Offering", offering))
    write, waiting = entries._write, [event("Price", price, version=3)]

    def late(*of: Any) -> set[str]:
        if waiting:
            store.apply(waiting.pop())
            drain(mongo.writing(), store.generation)  # the maintenance, which waits for nobody's turn
        return write(*of)

    monkeypatch.setattr(entries, "_write", late)
    store.publish(("Price", {**price, "value": "20.00"}), version=2)
    assert waiting == []
    (shown,) = store.get(f"offerings/{offering['id']}")["pricing"]
    assert shown["value"] == "10.00"
