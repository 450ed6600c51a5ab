"""Values and units: `10 Gbps`, `256GB`, `5kW` and what the suite makes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from apps.core.units import SUITE_UNITS, unit_of
from apps.importer.rules.fields import EXACT, MAX_EXPONENT

_QUANTITY = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([^\d\s.,+-][^\d]*)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount in a suite unit. ``written`` is the unit as the catalog wrote it."""

    amount: Decimal
    unit: str
    written: str

    @property
    def converted(self) -> bool:
        """True when the catalog's unit is not itself the suite's unit under another spelling."""
        meaning = unit_of(self.written)
        return meaning is not None and meaning[1] != 1

    def into(self, unit: str) -> Decimal | None:
        """The amount in another suite unit; None when that is another dimension."""
        mine, other = SUITE_UNITS[self.unit], SUITE_UNITS.get(unit)
        if other is None or other.dimension != mine.dimension:
            return None
        return EXACT.divide(EXACT.multiply(self.amount, mine.size), other.size)


def quantity(value: str, unit: str = "") -> Quantity | None:
    """A text such as ``10 Gbps``, or a number with its unit given apart, as a quantity, or None."""
    amount_text, written = value.strip(), unit.strip()
    if not written:
        match = _QUANTITY.fullmatch(amount_text)
        if match is None:
            return None
        amount_text, written = match.group(1), match.group(2).strip()
    meaning = unit_of(written)
    if meaning is None:
        return None
    try:
        amount = Decimal(amount_text)
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount.adjusted()) > MAX_EXPONENT:
        return None
    return Quantity(EXACT.multiply(amount, meaning[1]), meaning[0], written)


def smallest(units: set[str]) -> str | None:
    """The smallest of suite units of one dimension; None when they are of several."""
    known = [SUITE_UNITS[name] for name in units]
    if not known or len({unit.dimension for unit in known}) != 1:
        return None
    return min(known, key=lambda unit: unit.size).name
