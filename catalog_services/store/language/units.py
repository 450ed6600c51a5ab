"""Units of measure, and values brought to one canonical unit each, so that 1 Gbps is found by 500..1500 Mbps.

The units, and how they are written, are the suite's; the canonical one is the smallest of its dimension.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from apps.core.units import SUITE_UNITS, WRITTEN, unit_of

COUNT = "Unit"
"""The canonical unit of plain numbers (units ``Unit`` and ``None``)."""

_SMALLEST = {unit.dimension: unit.name for unit in SUITE_UNITS.values() if unit.size == 1}
_FOLDED = {written.casefold(): written for written, (unit, _) in WRITTEN.items() if unit != COUNT}
_ANY_CASE = {"mb", "gb", "tb", "kb", "pb", "m"}
"""Whoever searches types these in any case and means bytes and meters."""
CANONICAL_UNITS = tuple(sorted(_SMALLEST.values()))

_NUMBER = re.compile(
    r"([+-]?(?:\d{1,18}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?)\s*(\D.{0,20})?", re.ASCII
)
_LIMIT = Decimal(10) ** 15

_LONGEST_FIRST = sorted((u for u in _FOLDED if len(u) > 1 and u.isalpha()), key=len, reverse=True)
NUMBER_WITH_UNIT = re.compile(rf"(?<![^\W_])(\d+(?:\.\d+)?)({'|'.join(_LONGEST_FIRST)})(?![^\W_])")
"""A number and a unit written as one word (``10gbps``), in folded text."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a canonical unit, comparable with any other of the same unit."""

    value: float
    unit: str


def canonical_unit(unit: str) -> str:
    """The unit that quantities given in ``unit`` are kept in; unknown units count as plain numbers."""
    return _canonical(unit)[0]


def is_measured(unit: str) -> bool:
    """True for every unit but ``Unit``, ``None`` and unknown ones."""
    return canonical_unit(unit) != COUNT


@lru_cache(maxsize=20_000)
def parse(text: str, unit: str = "None") -> Quantity | None:
    """``"1 Gbps"``, or ``"1"`` with ``unit="Gbps"``, as 1000 Mbps; None when it is not a quantity.

    A unit written with the number wins over ``unit``.
    """
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    number, suffix = match.groups()
    if suffix is not None and _known(suffix) is None:
        return None
    return _convert(number, unit if suffix is None else suffix.strip())


def unit_in(text: str) -> str | None:
    """The known unit that a text names after its number, as it stands there; None when it names none."""
    match = _NUMBER.fullmatch(text.strip())
    return match[2].strip() if match and match[2] and _known(match[2]) else None


def has_unit(text: str) -> bool:
    """True when the text itself names a known unit after its number."""
    return unit_in(text) is not None


def in_suite_unit(number: str, written: str) -> str | None:
    """A whole or decimal number and its unit, in folded text, as the suite shows them: ``5 kw`` is ``5000 Watt``.

    None when the unit is unknown or itself the suite's.
    """
    known = _known(written) if len(written) > 1 else None
    if known is None or known[0].casefold() == written:
        return None
    return f"{(Decimal(number) * known[1]).normalize():f} {known[0]}"


def _known(written: str) -> tuple[str, Decimal] | None:
    """The suite unit that is meant, and the factor to it; never plain numbers."""
    clean = written.strip()
    folded = clean.casefold()
    meaning = unit_of(_FOLDED[folded] if folded in _ANY_CASE else clean)
    return meaning if meaning and meaning[0] != COUNT else None


def _canonical(unit: str) -> tuple[str, Decimal]:
    """The canonical unit, and the factor to it, of a suite unit or of one as people write it."""
    name, factor = _known(unit) or (COUNT, Decimal(1))
    known = SUITE_UNITS[name]
    return _SMALLEST[known.dimension], factor * known.size


def _convert(number: str, unit: str) -> Quantity | None:
    canonical, factor = _canonical(unit)
    try:
        value = Decimal(number) * factor
    except InvalidOperation:
        return None
    return Quantity(float(value), canonical) if abs(value) <= _LIMIT else None
