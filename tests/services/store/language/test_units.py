import pytest

from apps.core.units import UNITS
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
    ],
)
def test_values_of_one_kind_compare_in_one_unit(text: str, unit: str, quantity: Quantity) -> None:
    assert units.parse(text, unit) == quantity


@pytest.mark.parametrize(
    "text", ["", "abc", "10 apples", "10,000", "1e400", "9" * 30, "٣", "1..2", "NaN", "Infinity", "1 2"]
)
def test_what_is_no_quantity_is_none(text: str) -> None:
    assert units.parse(text) is None


def test_every_unit_of_the_suite_has_a_canonical_one() -> None:
    assert {units.canonical_unit(unit) for unit in UNITS if unit not in {"Unit", "None"}} <= set(
        units.CANONICAL_UNITS
    )
    assert all(units.is_measured(unit) for unit in UNITS if unit not in {"Unit", "None"})
