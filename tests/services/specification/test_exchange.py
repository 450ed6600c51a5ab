"""Specifications as files: their characteristics by name or id."""

from __future__ import annotations

import json

import pytest

from catalog_services.specification.models import Specification
from catalog_services.specification.selectors.specification import specification_state
from tests.services.specification.factories import SpecificationFactory, heard
from tests.support.exchange import comes_back_unchanged, errors, exported, imported, outcomes, previewed

pytestmark = pytest.mark.django_db
SPECIFICATION = "specification.specification"


def states() -> list[dict]:
    return [specification_state(row) for row in Specification.objects.order_by("pk")]


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_specifications_come_back_unchanged(format):
    SpecificationFactory(brand="=Acme", product_number="007")
    twins = [heard("1", "2", name="Twin"), heard("3", name="Twin")]
    SpecificationFactory(characteristic_ids=[one["id"] for one in twins])
    SpecificationFactory(
        characteristics=[
            {"id": heard("100", "500")["id"], "values": ["500"], "default": None, "max_cardinality": 7}
        ]
    )
    comes_back_unchanged(SPECIFICATION, format, states)


def test_a_characteristic_is_found_by_its_name_and_an_unknown_or_shared_one_refused():
    speed = heard("100", "500", name="Speed")
    heard("1", name="Twin"), heard("2", name="Twin")
    job = previewed(
        SPECIFICATION,
        [
            {"name": "Line", "characteristics": [{"name": "Speed", "values": ["100"]}]},
            {"name": "B", "characteristics": [{"name": "Colour"}]},
            {"name": "C", "characteristics": [{"name": "Twin"}]},
            {"name": "D", "characteristics": [{"id": speed["id"], "values": ["7"]}]},
            {"name": "E", "characteristics": [{"values": ["7"]}]},
        ],
    )
    assert outcomes(job) == ["create", *["refused"] * 4]
    assert [column for column, _ in errors(job)] == ["characteristics"] * 2 + [
        "characteristics.0",
        "characteristics",
    ]
    assert errors(job)[0][1] == "There is no characteristic called Colour."
    assert errors(job)[1][1] == "More than one characteristic is called Twin: give the id."


def test_an_export_is_read_by_people_names_stand_beside_ids():
    speed = heard("100", name="Speed")
    SpecificationFactory(characteristic_ids=[speed["id"]])
    (row,) = json.loads(exported(SPECIFICATION, "json"))
    assert (row["characteristics"][0]["name"], row["characteristics"][0]["id"]) == ("Speed", speed["id"])


def test_one_column_is_changed_and_the_others_stay():
    row = SpecificationFactory()
    before = states()[0]["characteristics"]
    imported(previewed(SPECIFICATION, f"name,brand\n{row.name},Acme\n".encode(), "a.csv"))
    assert (states()[0]["brand"], states()[0]["characteristics"]) == ("Acme", before)
