from decimal import Decimal

import pytest

from apps.core.units import UNITS, WRITTEN
from apps.core.values import NUMBER, fits
from catalog_services.store.language import units
from catalog_services.store.language.units import Quantity


@pytest.mark.parametrize(
    ("text", "unit", "quantity"),
    [
        ("100", "Mbps", Quantity(100.0, "Mbps")),
        ("1", "Gbps", Quantity(1000.0, "Mbps")),
        ("0.1", "Gbps", Quantity(100.0, "Mbps")),
        ("1 Gbps", "Mbps", Quantity(1000.0, "Mbps")),
        ("10gbps", "None", Quantity(10_000.0, "Mbps")),
        ("2", "TB", Quantity(2_000_000.0, "MB")),
        ("1.5", "Hours", Quantity(5400.0, "Seconds")),
        ("2", "Years", Quantity(24.0, "Months")),
        ("99.9%", "None", Quantity(99.9, "Percent")),
        ("-5", "Unit", Quantity(-5.0, "Unit")),
        ("5kW", "None", Quantity(5000.0, "Watt")),
        ("5", "kW", Quantity(5000.0, "Watt")),
        ("100 Mb/s", "None", Quantity(100.0, "Mbps")),
        ("1 gb", "None", Quantity(1000.0, "MB")),
    ],
)
def test_values_of_one_kind_compare_in_one_unit(text: str, unit: str, quantity: Quantity) -> None:
    assert units.parse(text, unit) == quantity


@pytest.mark.parametrize(
    "text", ["", "abc", "10 apples", "10,000", "1e400", "9" * 30, "٣", "1..2", "NaN", "Infinity", "1 2"]
)
def test_what_is_no_quantity_is_none(text: str) -> None:
    assert units.parse(text) is None


@pytest.mark.parametrize(
    "written", sorted(written for written, (unit, _) in WRITTEN.items() if unit != units.COUNT)
)
def test_every_unit_that_an_import_converts_is_asked_for_as_it_is_written(written: str) -> None:
    unit, factor = WRITTEN[written]
    assert units.parse(f"3 {written}") == units.parse(f"{3 * Decimal(factor)}", unit)
    assert units.unit_in(f"3{written}") == written


@pytest.mark.parametrize(
    "text", [".5", "5.", "+5", "-.5", "1e3", "1.5E+3", "25e-1", "0." + "1" * 25, "1e-300"]
)
def test_a_number_is_read_in_every_spelling_that_a_characteristic_takes(text: str) -> None:
    assert fits(text, NUMBER)
    assert units.parse(text) == Quantity(float(Decimal(text)), units.COUNT)


@pytest.mark.parametrize("text", ["100 MB/s", "100 mb/s", "5 mW", "5 MW"])
def test_a_unit_whose_case_matters_is_not_guessed(text: str) -> None:
    assert units.parse(text) is None


def test_every_unit_of_the_suite_has_a_canonical_one() -> None:
    assert {units.canonical_unit(unit) for unit in UNITS if unit not in {"Unit", "None"}} <= set(
        units.CANONICAL_UNITS
    )
    assert all(units.is_measured(unit) for unit in UNITS if unit not in {"Unit", "None"})
