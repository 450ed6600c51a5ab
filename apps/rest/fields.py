"""Fields the services' serializers share."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": ["string", "number", "boolean"], "maxLength": 1000, "minLength": 1})
class ValueField(serializers.CharField):
    """A characteristic's value: always text on the wire; a JSON number or boolean is taken as its text."""

    takes_any_scalar = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=1000, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, bool):
            return "true" if data else "false"
        return str(super().to_internal_value(data))
