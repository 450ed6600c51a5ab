"""Process variables: JSON on our side, typed values on the engine's.

Text, numbers and booleans keep a type that Cockpit shows and expressions understand. Objects and lists travel as
their JSON in a text that says so: one row of the engine with the others, and readable in Cockpit. What is beyond the
engine's 4,000 characters travels as UTF-8 JSON in type ``Bytes``, which has no limit and a table, a query and an
encoding of its own. The engine has no JSON type without plug-ins.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

type JSON = bool | int | float | str | list["JSON"] | dict[str, "JSON"] | None

MAX_TEXT = 4000
MARK = "json:"


def encode(value: JSON) -> tuple[Any, str]:
    """A value and its engine type."""
    match value:
        case None:
            return None, "Null"
        case bool():
            return value, "Boolean"
        case int():
            return value, "Long"
        case float():
            return value, "Double"
        case str() if len(value) <= MAX_TEXT and not value.startswith(MARK):
            return value, "String"
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(MARK) + len(text) <= MAX_TEXT:
        return MARK + text, "String"
    return base64.b64encode(text.encode()).decode(), "Bytes"


def encode_text(text: str) -> str:
    """A text for where the engine takes no type and makes a variable of type ``String`` of it; ``decode`` gives it
    back, and of one that is too long its beginning."""
    value, type_ = encode(text)
    return value if type_ == "String" else encode_text(text[: len(text) // 2])


def decode(value: Any, type_: str) -> JSON:
    """The inverse of ``encode``. What is not its work, as a text written in Cockpit, stays as it stands: one variable
    that cannot be read would keep every task of its fetch from being carried out."""
    try:
        if type_ == "Bytes" and value is not None:
            return _loaded(base64.b64decode(value))
        if type_ == "String" and value is not None and value.startswith(MARK):
            return _loaded(value.removeprefix(MARK))
    except (ValueError, RecursionError):
        pass
    return value


def _loaded(text: str | bytes) -> JSON:
    decoded: JSON = json.loads(text)
    return decoded


def typed(variables: Mapping[str, JSON]) -> dict[str, dict[str, Any]]:
    """Variables in the engine's wire format."""
    return {
        name: dict(zip(("value", "type"), encode(value), strict=True)) for name, value in variables.items()
    }
