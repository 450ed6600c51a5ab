"""Validity: what of an item holds at a moment. Times are milliseconds since 1970, both ends included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

ALWAYS_FROM, ALWAYS_TO = -62_135_596_800_000, 253_402_300_799_999
"""The years 1 and 9999: what an open end means."""

_LIMITED = ("pricing", "catalogs")


def millis(moment: datetime) -> int:
    """Milliseconds since 1970, never before the year 1 or after 9999."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return max(
        ALWAYS_FROM, min(ALWAYS_TO, (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000)
    )


def begins(text: str | None) -> int:
    return millis(datetime.fromisoformat(text)) if text else ALWAYS_FROM


def ends(text: str | None) -> int:
    return millis(datetime.fromisoformat(text)) if text else ALWAYS_TO


def is_timed(item: dict[str, Any]) -> bool:
    """True when what an item shows depends on the moment."""
    return any(part["valid_from"] or part["valid_to"] for name in _LIMITED for part in item[name])


def is_valid(part: dict[str, Any], at: int) -> bool:
    return begins(part["valid_from"]) <= at <= ends(part["valid_to"])


def is_valid_between(fields: dict[str, Any], at: int) -> bool:
    """The same for an entry's fields, whose times are milliseconds already."""
    return bool(fields["valid_from"] <= at <= fields["valid_to"])


def shown_at(item: dict[str, Any], at: int) -> dict[str, Any]:
    """The item with the prices and catalogs that are valid at a moment."""
    return {**item, **{name: [part for part in item[name] if is_valid(part, at)] for name in _LIMITED}}
