"""What differs between the body that should be and the resource that is; order and spelling aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

type Changes = dict[str, tuple[Any, Any]]
"""Field -> (what the suite has, what the import wants)."""


def differences(wanted: dict[str, Any], current: dict[str, Any]) -> Changes:
    """The fields of ``wanted`` that the current representation does not already say."""
    changes: Changes = {}
    for field, value in wanted.items():
        same = _COMPARED.get(field, _plain)
        old = current.get(field)
        if same(old) != same(value):
            changes[field] = (old, value)
    return changes


def _plain(value: Any) -> Any:
    return None if value in ("", [], None) else value


def _number(value: Any) -> Any:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return value


def _moment(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value).astimezone(UTC) if value else None
    except (TypeError, ValueError):
        return value


def _set(value: Any) -> Any:
    return sorted(map(str, value or []))


def _words(value: Any) -> Any:
    """A text that differs in its white space only is the same."""
    return str(value or "").split()


def _members(key: str, *fields: str) -> Callable[[Any], Any]:
    """Compare lists of objects by their ``key`` and these fields only; lists inside are sets."""

    def comparable(value: Any) -> Any:
        return {
            str(member.get(key)): [
                _set(member.get(field)) if isinstance(member.get(field), list) else member.get(field)
                for field in fields
            ]
            for member in value or []
        }

    return comparable


_COMPARED: dict[str, Callable[[Any], Any]] = {
    "description": _words,
    "value": _number,
    "tax_rate": _number,
    "valid_from": _moment,
    "valid_to": _moment,
    **dict.fromkeys(
        (
            "specification_ids",
            "pricing_ids",
            "category_ids",
            "catalog_ids",
            "sales_channels",
            "market_segments",
        ),
        _set,
    ),
    "values": _members("value", "is_default"),
    "characteristics": _members(
        "id", "values", "default", "configurable", "min_cardinality", "max_cardinality"
    ),
    "characteristic_values": _members("characteristic_id", "value"),
    "bundled_offerings": _members("id", "min", "max", "default"),
}
