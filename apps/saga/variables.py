"""Process variables: JSON on our side, typed values on the engine's.

Text, numbers and booleans keep a type that Cockpit shows and expressions understand. Objects and
lists, and text beyond the engine's 4,000 characters, travel as UTF-8 JSON in type ``Bytes``, which has
no limit; the engine has no JSON type of its own without plug-ins.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

type JSON = bool | int | float | str | list["JSON"] | dict[str, "JSON"] | None

MAX_TEXT = 4000


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
        case str() if len(value) <= MAX_TEXT:
            return value, "String"
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode(), "Bytes"


def decode(value: Any, type_: str) -> JSON:
    """The inverse of ``encode``."""
    if type_ == "Bytes" and value is not None:
        decoded: JSON = json.loads(base64.b64decode(value))
        return decoded
    return value


def typed(variables: Mapping[str, JSON]) -> dict[str, dict[str, Any]]:
    """Variables in the engine's wire format."""
    return {
        name: dict(zip(("value", "type"), encode(value), strict=True)) for name, value in variables.items()
    }
