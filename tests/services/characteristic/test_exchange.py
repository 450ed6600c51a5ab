"""Characteristics as files."""

from __future__ import annotations

import pytest

from catalog_services.characteristic.models import Characteristic
from catalog_services.characteristic.selectors.characteristic import characteristic_state
from tests.services.characteristic.factories import CharacteristicFactory
from tests.support.exchange import comes_back_unchanged, errors, imported, outcomes, previewed, undone

pytestmark = pytest.mark.django_db
CHARACTERISTIC = "characteristic.characteristic"


def states() -> list[dict]:
    return [characteristic_state(row) for row in Characteristic.objects.order_by("pk")]


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_characteristics_come_back_unchanged(format):
    CharacteristicFactory()
    odd = ["-5", "* starred", "[bracket", "=1+1", "two\nlines", "'quoted"]
    CharacteristicFactory(
        name="@odd", unit_of_measure="None", values=[{"value": v, "is_default": v == "-5"} for v in odd]
    )
    CharacteristicFactory(name="Any", unit_of_measure="None", value_type="boolean", values=[])
    comes_back_unchanged(CHARACTERISTIC, format, states)


def test_values_are_lines_with_a_mark_at_the_default():
    job = imported(
        previewed(CHARACTERISTIC, b'name,unit_of_measure,values\nSpeed,Mbps,"100\n* 500"\n', "a.csv")
    )
    (state,) = states()
    assert (state["value"], state["value_type"]) == ("500", "number")
    again = previewed(CHARACTERISTIC, b'name,values\nSpeed,"100\n* fast"\n', "a.csv")
    assert errors(again) == [["values", "Not a number: fast."]]
    assert outcomes(job) == ["create"]


def test_an_empty_type_is_the_one_that_fits_the_unit_and_none_at_all_leaves_it():
    CharacteristicFactory(name="Speed", unit_of_measure="None", value_type="string", values=[])
    CharacteristicFactory(name="Truth", unit_of_measure="None", value_type="boolean", values=[])
    CharacteristicFactory(name="Colour", unit_of_measure="None", value_type="string", values=[])
    left = previewed(CHARACTERISTIC, b"name,unit_of_measure\nTruth,None\n", "a.csv")
    assert outcomes(left) == ["unchanged"]
    rows = b"name,unit_of_measure,value_type\nSpeed,Mbps,\nTruth,None,\nColour,None,\n"
    job = previewed(CHARACTERISTIC, rows, "a.csv")
    assert (outcomes(job), errors(job)) == (["update", "update", "unchanged"], [])
    assert ["value_type", "string", "number"] in job.rows.get(label="Speed").changes
    job = imported(job)
    assert [state["value_type"] for state in states()] == ["number", "string", "string"]
    undone(job)
    assert [state["value_type"] for state in states()] == ["string", "boolean", "string"]


def test_an_undo_sets_values_back(neighbours):
    row = CharacteristicFactory()
    before = states()[0]["values"]
    job = imported(previewed(CHARACTERISTIC, [{"name": row.name, "values": ["* 7"]}]))
    assert states()[0]["value"] == "7"
    job = undone(job)
    assert states()[0]["values"] == before
