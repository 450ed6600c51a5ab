"""What comes as plain text from elsewhere, as a person reads it."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils.formats import date_format, number_format

from apps.admin_kit import wording
from apps.admin_kit.consoles import process_url
from apps.core.bidi import isolated

register = template.Library()
register.filter(process_url)


@register.filter
def said(text: object) -> str:
    """A sentence of an action, stored or just said; anything else as text."""
    return wording.said(text if isinstance(text, str) else str(text))


@register.filter
def typed(text: object) -> str:
    """What somebody typed, in the middle of a sentence."""
    return isolated(str(text))


@register.filter
def day(moment: str) -> str:
    """The day of a moment that the REST API gave."""
    return date_format(datetime.fromisoformat(moment), "SHORT_DATE_FORMAT")


@register.filter
def instant(moment: str) -> str:
    """The time of day of an ISO 8601 moment, to the millisecond, in UTC."""
    at = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"


@register.filter
def amount(value: object) -> str:
    """A decimal that is kept as text, with the decimal separator of the language."""
    return number_format(str(value))
