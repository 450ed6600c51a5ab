"""Units of measure a characteristic's value may have (design section 3)."""

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
"""Units whose values are numbers."""

UNITS = (*MEASURABLE, NO_UNIT)
