"""The real, messy catalog: 46 files become a plan in which nothing is missing and every guess is said."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from apps.importer.model import Kind, Plan
from apps.importer.normalise import characteristic_names, normalise
from apps.importer.read import read
from tests.apps.importer.conftest import only, rules_of


@pytest.fixture
def real(real_catalog: Path) -> Plan:
    return normalise(read(real_catalog))


def test_all_46_files_become_items_without_an_error(real_catalog: Path, real: Plan) -> None:
    assert read(real_catalog).files == 46
    assert Counter(item.kind for item in real.items) == {
        Kind.CHARACTERISTIC: 15,
        Kind.SPECIFICATION: 8,
        Kind.PRICE: 16,
        Kind.CATEGORY: 4,
        Kind.CATALOG: 2,
        Kind.OFFERING: 16,
    }
    assert real.failures == []
    assert [item.name for item in real.items if item.errors] == []


def test_every_offering_has_what_publishing_needs(real: Plan) -> None:
    for offering in real.of(Kind.OFFERING):
        assert offering.publish
        assert offering.initial["sales_channels"] == ["web"]
        for field in ("specification_ids", "pricing_ids", "category_ids", "catalog_ids"):
            assert len(offering.body[field]) == 1, (offering.name, field)
        assert len(offering.body["characteristic_values"]) == 2


def test_every_reference_is_to_something_in_the_import(real: Plan) -> None:
    identities = {item.identity for item in real.items}
    loose = [ref for item in real.items for ref in item.references() if (ref.kind, ref.key) not in identities]
    assert loose == []


def test_each_price_is_its_offerings_own(real: Plan) -> None:
    owners = Counter(ref.key for offering in real.of(Kind.OFFERING) for ref in offering.body["pricing_ids"])
    assert set(owners.values()) == {1}
    elan = only(real, Kind.OFFERING, "Metro E-LAN Service")
    assert elan.body["pricing_ids"][0].name == "Metro E-LAN - Monthly Fee"
    rules = Counter(
        rule for price in real.of(Kind.PRICE) for rule in rules_of(price) if rule.startswith("price-by")
    )
    assert rules == {"price-by-file-name": 14, "price-by-reference": 2}


@pytest.mark.parametrize(
    ("name", "type", "unit", "values"),
    [
        ("Bandwidth", "number", "Gbps", ["1", "10", "100", "400"]),
        ("Power Capacity", "number", "Watt", ["5000", "10000"]),
        ("RAM", "number", "GB", ["64", "128", "256"]),
        ("Concurrent Sessions", "string", "None", ["1 Million", "5 Million"]),
        ("CPU Cores", "number", "None", ["16", "32", "64"]),
    ],
)
def test_characteristics_get_the_type_and_unit_of_their_values(
    real: Plan, name: str, type: str, unit: str, values: list[str]
) -> None:
    body = only(real, Kind.CHARACTERISTIC, name).body
    assert (body["value_type"], body["unit_of_measure"]) == (type, unit)
    assert [value["value"] for value in body["values"]] == values


def test_every_guess_is_said_on_the_item_it_was_made_for(real: Plan) -> None:
    for offering in real.of(Kind.OFFERING):
        assert {"external-id", "reference", "channel-default", "catalog-by-file-prefix"} <= rules_of(offering)


def test_a_second_description_of_one_characteristic_is_said_and_not_dropped(real: Plan) -> None:
    bandwidth = only(real, Kind.CHARACTERISTIC, "Bandwidth")
    assert bandwidth.initial == {"description": "Maximum bandwidth capacity"}
    texts = [assumption.text for assumption in bandwidth.assumptions if assumption.rule == "one-description"]
    assert len(texts) == 1
    assert "left out: 'Available bandwidth options'" in texts[0]


def test_the_plan_is_the_same_every_time(real_catalog: Path, real: Plan) -> None:
    assert normalise(read(real_catalog)) == real


def test_the_suite_is_asked_for_every_characteristic_of_the_files(real_catalog: Path, real: Plan) -> None:
    names = characteristic_names(read(real_catalog))
    assert sorted(names) == sorted(item.name for item in real.of(Kind.CHARACTERISTIC))
