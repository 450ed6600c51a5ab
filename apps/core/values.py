"""What a characteristic's value may be: always text, which fits the characteristic's type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

STRING, NUMBER, BOOLEAN = "string", "number", "boolean"
VALUE_TYPES = (STRING, NUMBER, BOOLEAN)


def fits(text: str, value_type: str) -> bool:
    """Whether ``text`` can be a value of that type: a finite decimal number, ``true`` or ``false``, any text."""
    if value_type == NUMBER:
        try:
            return Decimal(text).is_finite() and text.isascii() and "_" not in text
        except InvalidOperation:
            return False
    if value_type == BOOLEAN:
        return text in {"true", "false"}
    return True


def pinnable(uses: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """What an offering may pin of each characteristic that its specifications use (``{"id", "values"}``): what any of
    them lists. One that lists nothing makes it open, and the set empty: whatever the characteristic allows."""
    listed: dict[str, list[Iterable[str]]] = {}
    for use in uses:
        listed.setdefault(str(use["id"]), []).append(use["values"])
    return {id_: set().union(*lists) if all(lists) else set() for id_, lists in listed.items()}
