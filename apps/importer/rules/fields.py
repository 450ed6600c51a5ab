"""Typed access to the fields of a TMF620 record; whatever has the wrong shape is a ``BadItem``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from apps.importer.model import BadItem

Object = Mapping[str, Any]

# Beyond this a number is a mistake, and writing it out would take gigabytes.
MAX_EXPONENT = 30
EXACT = Context(prec=200)
"""Reckons with such numbers without rounding."""


def text(data: Object, key: str, default: str = "") -> str:
    """A string field with surrounding and repeated white space removed; absent and null are ``default``."""
    value = data.get(key)
    if value is None:
        return default
    if not isinstance(value, str):
        raise BadItem(f"{key} must be a string.")
    return " ".join(value.split())


def prose(data: Object, key: str) -> str:
    """A text of several lines as it is written, but for the ends: those of its lines are ``\\n``."""
    if not text(data, key):
        return ""
    return "\n".join(data[key].strip().splitlines())


def required(data: Object, key: str) -> str:
    value = text(data, key)
    if not value:
        raise BadItem(f"{key} is missing.")
    return value


def flag(data: Object, key: str, default: bool = False) -> bool:
    value = data.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise BadItem(f"{key} must be true or false.")
    return value


def whole(data: Object, key: str, default: int) -> int:
    """A whole number that is not negative."""
    value = data.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadItem(f"{key} must be a whole number.")
    return value


def objects(data: Object, key: str) -> list[dict[str, Any]]:
    """An array of objects; absent and null are empty."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(member, dict) for member in value):
        raise BadItem(f"{key} must be an array of objects.")
    return value


def nested(data: Object, key: str) -> dict[str, Any]:
    """An object; absent and null are empty."""
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadItem(f"{key} must be an object.")
    return value


def number(value: Any, key: str) -> Decimal:
    """A JSON number, or a string that is one, exactly as written."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise BadItem(f"{key} must be a number.")
    try:
        amount = Decimal(value.strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise BadItem(f"{key} must be a number, not {value!r}.") from None
    if not amount.is_finite() or abs(amount.adjusted()) > MAX_EXPONENT:
        raise BadItem(f"{key} is out of range.")
    return amount


def fits(amount: Decimal, places: int) -> bool:
    """Whether a number needs no more decimal places; of any size, which ``round`` and ``quantize`` refuse."""
    return len(plain(amount).partition(".")[2]) <= places


def plain(amount: Decimal) -> str:
    """A number as digits without exponent and without zeros that say nothing: ``2.5``, ``100``."""
    digits = f"{amount:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return "0" if digits in {"-0", ""} else digits


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def moment(data: Object, key: str) -> str | None:
    """A point in time as ISO 8601 in UTC. A bare date is its first moment, no zone is UTC."""
    given = text(data, key)
    if not given:
        return None
    try:
        if _DATE.fullmatch(given):
            day = date.fromisoformat(given)
            parsed = datetime(day.year, day.month, day.day, tzinfo=UTC)
        else:
            parsed = datetime.fromisoformat(given)
            parsed = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadItem(f"{key} is no ISO 8601 time: {given!r}.") from None
    return parsed.isoformat().replace("+00:00", "Z")


def validity(data: Object) -> tuple[str | None, str | None]:
    """``validFor`` as (start, end); each may be open."""
    period = nested(data, "validFor")
    start, end = moment(period, "startDateTime"), moment(period, "endDateTime")
    if start and end and datetime.fromisoformat(end) <= datetime.fromisoformat(start):
        raise BadItem(f"validFor ends ({end}) before it starts ({start}).")
    return start, end
