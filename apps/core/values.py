"""What a characteristic's value may be: always text, which fits the characteristic's type."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

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
