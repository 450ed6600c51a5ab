"""Values with units."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.units import SUITE_UNITS
from apps.importer.rules.units import quantity, smallest


@pytest.mark.parametrize(
    ("written", "amount", "unit"),
    [
        ("10 Gbps", "10", "Gbps"),
        ("256GB", "256", "GB"),
        ("5kW", "5000", "Watt"),
        ("1.5 Tbps", "1500.0", "Gbps"),
        ("500 Mbit/s", "500", "Mbps"),
        ("99.9 %", "99.9", "Percent"),
        ("24 hours", "24", "Hours"),
        ("24 MONTHS", "24", "Months"),
        ("2 weeks", "14", "Days"),
        ("-48 V", "-48", "Volt"),
    ],
)
def test_a_number_with_a_unit_is_a_quantity_in_a_suite_unit(written: str, amount: str, unit: str) -> None:
    found = quantity(written)
    assert found is not None
    assert (found.amount, found.unit) == (Decimal(amount), unit)


@pytest.mark.parametrize(
    "written", ["1 Million", "Gold", "Dual Path", "42", "", "10", "1,000 Mbps", "1.2.3 GB", "5 mW"]
)
def test_what_is_no_number_with_a_known_unit_is_none(written: str) -> None:
    assert quantity(written) is None


def test_megabits_are_never_taken_for_megabytes() -> None:
    assert quantity("100 Mb/s").unit == "Mbps"  # type: ignore[union-attr]
    assert quantity("100 MB").unit == "MB"  # type: ignore[union-attr]
    assert quantity("100 Mb") is None
    assert quantity("100 MB/s") is None


def test_units_of_several_dimensions_have_no_smallest() -> None:
    assert smallest({"Gbps", "Mbps"}) == "Mbps"
    assert smallest({"Gbps", "GB"}) is None
    assert smallest(set()) is None


@given(
    st.decimals(min_value=Decimal("0.001"), max_value=Decimal(10**6), places=3),
    st.sampled_from(sorted(SUITE_UNITS)),
)
def test_converting_to_the_smallest_unit_and_back_loses_nothing(amount: Decimal, unit: str) -> None:
    found = quantity(f"{amount}", unit)
    assert found is not None
    dimension = {
        name for name, other in SUITE_UNITS.items() if other.dimension == SUITE_UNITS[unit].dimension
    }
    least = smallest(dimension)
    assert least is not None
    small = found.into(least)
    assert small is not None
    back = quantity(f"{small:f}", least)
    assert back is not None
    assert back.into(unit) == amount
