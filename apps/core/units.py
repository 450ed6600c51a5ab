"""Units of measure of a characteristic's value and of a usage price, and how people write them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

NO_UNIT = "None"


@dataclass(frozen=True, slots=True)
class Unit:
    """A suite unit: its dimension, and its size in the dimension's smallest suite unit."""

    name: str
    dimension: str
    size: Decimal


SUITE_UNITS: dict[str, Unit] = {
    name: Unit(name, dimension, Decimal(size))
    for name, dimension, size in (
        ("Mbps", "data rate", "1"),
        ("Gbps", "data rate", "1000"),
        ("MB", "data volume", "1"),
        ("GB", "data volume", "1000"),
        ("TB", "data volume", "1000000"),
        ("GHz", "frequency", "1"),
        ("Volt", "voltage", "1"),
        ("Watt", "power", "1"),
        ("Meter", "length", "1"),
        ("Percent", "ratio", "1"),
        ("Seconds", "time", "1"),
        ("Minutes", "time", "60"),
        ("Hours", "time", "3600"),
        ("Days", "time", "86400"),
        ("Months", "calendar", "1"),
        ("Years", "calendar", "12"),
        ("Unit", "count", "1"),
    )
}

MEASURABLE = tuple(SUITE_UNITS)
"""Units whose values are numbers; a usage price is for one of these."""

UNITS = (*MEASURABLE, NO_UNIT)

WRITTEN: dict[str, tuple[str, str]] = {
    "kbps": ("Mbps", "0.001"), "kbit/s": ("Mbps", "0.001"),
    "Mbps": ("Mbps", "1"), "Mbit/s": ("Mbps", "1"), "Mb/s": ("Mbps", "1"),
    "Gbps": ("Gbps", "1"), "Gbit/s": ("Gbps", "1"), "Gb/s": ("Gbps", "1"),
    "Tbps": ("Gbps", "1000"), "Tbit/s": ("Gbps", "1000"), "Tb/s": ("Gbps", "1000"),
    "kB": ("MB", "0.001"), "MB": ("MB", "1"), "GB": ("GB", "1"), "TB": ("TB", "1"), "PB": ("TB", "1000"),
    "Megabyte": ("MB", "1"), "Megabytes": ("MB", "1"), "Gigabyte": ("GB", "1"), "Gigabytes": ("GB", "1"),
    "MHz": ("GHz", "0.001"), "GHz": ("GHz", "1"),
    "V": ("Volt", "1"), "Volt": ("Volt", "1"), "Volts": ("Volt", "1"), "kV": ("Volt", "1000"),
    "W": ("Watt", "1"), "Watt": ("Watt", "1"), "Watts": ("Watt", "1"), "kW": ("Watt", "1000"),
    "cm": ("Meter", "0.01"), "m": ("Meter", "1"), "km": ("Meter", "1000"),
    "Meter": ("Meter", "1"), "Meters": ("Meter", "1"), "Metre": ("Meter", "1"), "Metres": ("Meter", "1"),
    "%": ("Percent", "1"), "Percent": ("Percent", "1"),
    "ms": ("Seconds", "0.001"), "s": ("Seconds", "1"), "sec": ("Seconds", "1"),
    "Second": ("Seconds", "1"), "Seconds": ("Seconds", "1"),
    "min": ("Minutes", "1"), "Minute": ("Minutes", "1"), "Minutes": ("Minutes", "1"),
    "h": ("Hours", "1"), "hr": ("Hours", "1"), "Hour": ("Hours", "1"), "Hours": ("Hours", "1"),
    "Day": ("Days", "1"), "Days": ("Days", "1"), "Week": ("Days", "7"), "Weeks": ("Days", "7"),
    "Month": ("Months", "1"), "Months": ("Months", "1"), "Year": ("Years", "1"), "Years": ("Years", "1"),
    "Unit": ("Unit", "1"), "Units": ("Unit", "1"),
}  # fmt: skip
"""What catalogs and customers write -> (suite unit, factor). Data volumes are decimal, as the trade uses them."""

# Case is looked at only where it means something (MB is not Mb); whole words and the rest are lenient.
_LENIENT = {written.casefold(): meaning for written, meaning in WRITTEN.items()}
_STRICT = {"mb/s", "mb", "gb/s", "gb", "tb/s", "tb", "kb", "pb", "m", "mw"}


def unit_of(written: str) -> tuple[str, Decimal] | None:
    """The suite unit that a written unit means and the factor to it; None when it is none we know."""
    exact = WRITTEN.get(written)
    folded = written.casefold()
    meaning = exact or (None if folded in _STRICT else _LENIENT.get(folded))
    return None if meaning is None else (meaning[0], Decimal(meaning[1]))
