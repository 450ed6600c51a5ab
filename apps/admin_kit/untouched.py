"""What comes back of a form that nobody touched: not always what is stored, and yet nobody's change."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_ONE_LINE = frozenset({"text", "email", "password", "search", "tel", "url"})
"""Inputs out of which a browser leaves line ends."""


def of(bound: forms.BoundField) -> Any:
    """A field of a form as it is cleaned when it comes back as it was shown; what would be refused as it is stored."""
    value = bound.initial
    try:
        if hasattr(bound.field, "untouched"):
            return unified(bound.field.untouched(value))
        return unified(cleaned(bound.field, value))
    except ValidationError:
        return unified(value)


def cleaned(field: forms.Field, value: Any) -> Any:
    """A stored value through a field's input and back. Raises ``ValidationError``."""
    if isinstance(field, forms.MultiValueField):
        return field.clean(field.widget.decompress(value))
    sent = field.prepare_value(value)
    if isinstance(sent, str) and getattr(field.widget, "input_type", "") in _ONE_LINE:
        sent = sent.replace("\r", "").replace("\n", "")
    return field.clean(sent)


def unified(value: Any) -> Any:
    """A browser sends its own line ends, whatever it was given."""
    match value:
        case str():
            return value.replace("\r\n", "\n").replace("\r", "\n")
        case list():
            return [unified(one) for one in value]
        case dict():
            return {name: unified(one) for name, one in value.items()}
    return value
