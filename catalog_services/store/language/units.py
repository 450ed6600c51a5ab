"""Units of measure, and values brought to one canonical unit each, so that 1 Gbps is found by 500..1500 Mbps.

The names are those of the characteristic service; decimal prefixes, as telecoms count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

COUNT = "Unit"
"""The canonical unit of plain numbers (units ``Unit`` and ``None``)."""

_CANONICAL: dict[str, tuple[str, int]] = {
    "Mbps": ("Mbps", 1),
    "Gbps": ("Mbps", 1000),
    "MB": ("MB", 1),
    "GB": ("MB", 1000),
    "TB": ("MB", 1_000_000),
    "GHz": ("GHz", 1),
    "Volt": ("Volt", 1),
    "Watt": ("Watt", 1),
    "Meter": ("Meter", 1),
    "Percent": ("Percent", 1),
    "Seconds": ("Seconds", 1),
    "Minutes": ("Seconds", 60),
    "Hours": ("Seconds", 3600),
    "Days": ("Seconds", 86_400),
    "Months": ("Months", 1),
    "Years": ("Months", 12),
    "Unit": (COUNT, 1),
    "None": (COUNT, 1),
}
_SPELLINGS: dict[str, str] = {
    **{name.casefold(): name for name in _CANONICAL if name not in {"None", "Unit"}},
    "mbit/s": "Mbps",
    "gbit/s": "Gbps",
    "volts": "Volt",
    "v": "Volt",
    "watts": "Watt",
    "w": "Watt",
    "meters": "Meter",
    "metre": "Meter",
    "metres": "Meter",
    "m": "Meter",
    "%": "Percent",
    "second": "Seconds",
    "sec": "Seconds",
    "s": "Seconds",
    "minute": "Minutes",
    "min": "Minutes",
    "hour": "Hours",
    "h": "Hours",
    "day": "Days",
    "month": "Months",
    "year": "Years",
}
CANONICAL_UNITS = tuple(sorted({unit for unit, _ in _CANONICAL.values()}))

_NUMBER = re.compile(r"([+-]?\d{1,18}(?:\.\d{1,12})?)\s*(\D.{0,20})?", re.ASCII)
_LIMIT = Decimal(10) ** 15

_LONGEST_FIRST = sorted((u for u in _SPELLINGS if len(u) > 1 and u.isalpha()), key=len, reverse=True)
NUMBER_WITH_UNIT = re.compile(rf"(?<![^\W_])(\d+(?:\.\d+)?)({'|'.join(_LONGEST_FIRST)})(?![^\W_])")
"""A number and a unit written as one word (``10gbps``), in folded text."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a canonical unit, comparable with any other of the same unit."""

    value: float
    unit: str


def canonical_unit(unit: str) -> str:
    """The unit that quantities given in ``unit`` are kept in; unknown units count as plain numbers."""
    return _CANONICAL.get(unit, (COUNT, 1))[0]


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
    if suffix is not None:
        spelled = _SPELLINGS.get(suffix.strip().casefold())
        if spelled is None:
            return None
        unit = spelled
    return _convert(number, unit)


def unit_in(text: str) -> str | None:
    """The known unit that a text names after its number; None when it names none."""
    match = _NUMBER.fullmatch(text.strip())
    return _SPELLINGS.get(match[2].strip().casefold()) if match and match[2] else None


def has_unit(text: str) -> bool:
    """True when the text itself names a known unit after its number."""
    return unit_in(text) is not None


def _convert(number: str, unit: str) -> Quantity | None:
    canonical, factor = _CANONICAL.get(unit, (COUNT, 1))
    try:
        value = Decimal(number) * factor
    except InvalidOperation:
        return None
    return Quantity(float(value), canonical) if abs(value) <= _LIMIT else None
