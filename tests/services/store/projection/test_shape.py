"""A store that another version filled is filled anew."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID

from catalog_services.store.documents import OfferingDocument
from catalog_services.store.maintenance import Maintenance
from catalog_services.store.stores import generations, mongo
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
from tests.services.store.rebuild.conftest import WriteSide

KNOWN = (3, "96e0236a8cea2473")
"""The shape, and the digest of what is kept and indexed of the sample below."""


def sample(store: Store) -> str:
    """The id of an offering that has one of everything, the same in every run."""
    ids = (str(UUID(int=number)) for number in range(1, 100))
    speed = CharacteristicState(id=next(ids), name="Speed")
    power = CharacteristicState(
        id=next(ids), name="Power", value_type="string", unit_of_measure="None", values=[]
    )
    share = CharacteristicState(id=next(ids), name="Share", unit_of_measure="Percent", values=[])
    access = SpecificationState(
        id=next(ids),
        name="Access",
        product_number="A",
        characteristics=[uses(speed), uses(power), uses(share)],
    )
    price = PriceState(id=next(ids), name="Fee")
    root = CategoryState(id=next(ids), name="Home")
    category = CategoryState(id=next(ids), name="Fibre", parent_id=root["id"])
    catalog = CatalogState(id=next(ids), name="Private")
    member = OfferingState(id=next(ids), name="Router")
    offering = OfferingState(
        id=next(ids),
        name="Fibre 500",
        description="Fast lines for homes, 10km at most",
        specification_ids=[access["id"]],
        pricing_ids=[price["id"]],
        category_ids=[category["id"]],
        catalog_ids=[catalog["id"]],
        is_bundle=True,
        bundled_offerings=[{"id": member["id"]}],
        characteristic_values=[
            {"characteristic_id": speed["id"], "value": "100"},
            {"characteristic_id": power["id"], "value": "5kW"},
            {"characteristic_id": share["id"], "value": ".5"},
        ],
    )
    store.publish(
        *(("Characteristic", one) for one in (speed, power, share)),
        ("Specification", access),
        ("Price", price),
        ("Category", root),
        ("Category", category),
        ("Catalog", catalog),
        ("Offering", member),
        ("Offering", offering),
    )
    return str(offering["id"])


def test_whoever_composes_or_indexes_entries_otherwise_gives_them_another_shape(store: Store) -> None:
    """When this fails, raise ``generations.SHAPE``, and put both here: stores are then rebuilt by themselves."""
    entry = store.entry(sample(store))
    assert entry
    indexed = json.dumps(OfferingDocument._index.to_dict(), sort_keys=True, default=str)
    digest = hashlib.sha256(
        f"{entry['hash']} {sorted(entry['tokens'])} {entry['cheapest']} {indexed}".encode()
    )
    assert (generations.SHAPE, digest.hexdigest()[:16]) == KNOWN


def test_the_worker_rebuilds_a_store_of_another_shape_once(store: Store) -> None:
    events = [event("Offering", OfferingState(name="Kept"))]
    store.apply(*events)
    mongo.writing()["meta"].update_one({"_id": generations.POINTER}, {"$unset": {"shape": ""}})
    before = store.generation
    Maintenance(WriteSide(events)).round()
    generations.forget()
    assert (after := store.generation) != before
    assert store.names("offerings") == ["Kept"]
    Maintenance(WriteSide(events)).round()
    assert store.generation == after
