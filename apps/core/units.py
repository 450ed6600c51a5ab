"""Units of measure of a characteristic's value and of a usage price."""

from __future__ import annotations

NO_UNIT = "None"
MEASURABLE = (
    "Mbps",
    "Gbps",
    "MB",
    "GB",
    "TB",
    "GHz",
    "Volt",
    "Watt",
    "Meter",
    "Percent",
    "Seconds",
    "Minutes",
    "Hours",
    "Days",
    "Months",
    "Years",
    "Unit",
)
"""Units whose values are numbers; a usage price is for one of these."""

UNITS = (*MEASURABLE, NO_UNIT)
