"""Decimals on the wire: text, so that nobody's JSON library makes a binary float of them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.messages import Message

_PLAIN = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_REQUEST = {
    "oneOf": [
        {"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,6})?$"},
        {"type": "integer", "minimum": 0, "maximum": 999_999_999_999},
    ]
}


@extend_schema_field(_REQUEST)
class DecimalTextField(serializers.Field[Decimal, Any, str, Any]):
    """Takes ``"19.99"`` and JSON integers; refuses JSON numbers with a fraction or an exponent: they are not exact."""

    default_error_messages = {
        "float": Message('Send it as a string, such as "19.99": a JSON number with a fraction is not exact.'),
        "invalid": Message(
            "Must be a decimal number in plain digits, as a string, with at most 12 digits before and 6 after "
            "the point."
        ),
    }

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, float):
            self.fail("float")
        if isinstance(data, bool) or not isinstance(data, str | int | Decimal):
            self.fail("invalid")
        text = f"{data:f}" if isinstance(data, Decimal) else str(data).strip()
        if not _PLAIN.fullmatch(text):
            self.fail("invalid")
        return Decimal(text)
