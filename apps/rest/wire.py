"""JSON's types are meant as they are written: 7 is no name, "yes" no boolean, "3" no number."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.fields import Field

from apps.core.messages import Message

_TYPES: tuple[tuple[type[Field[Any, Any, Any, Any]], tuple[type, ...], str], ...] = (
    (serializers.BooleanField, (bool,), Message("Must be true or false.")),
    (serializers.IntegerField, (int, float), Message("Must be a number.")),
    (serializers.UUIDField, (str, UUID), Message("Must be an id.")),
    (serializers.DateTimeField, (str, datetime), Message("Must be a date and time as text.")),
    (serializers.CharField, (str,), Message("Must be text.")),
)


def wrong_type(field: Field[Any, Any, Any, Any], value: Any) -> str:
    """What is wrong with the JSON type of ``value`` for ``field``; empty when nothing is.

    DRF alone would turn 7 into the text "7", and "off" into false. A field that wants that says
    ``takes_any_scalar = True``.
    """
    if value is None or getattr(field, "takes_any_scalar", False):
        return ""
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        return next((wrong for item in value if (wrong := wrong_type(field.child, item))), "")
    for kind, types, message in _TYPES:
        if isinstance(field, kind):
            fits = isinstance(value, types) and (bool in types or not isinstance(value, bool))
            return "" if fits else message
    return ""
