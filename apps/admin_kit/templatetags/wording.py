"""What comes as plain text from elsewhere, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from django import template
from django.utils.formats import date_format, number_format

from apps.admin_kit import wording
from apps.admin_kit.consoles import process_url
from apps.admin_kit.names import roles_in_words
from apps.core import clock
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
def moment(at: str) -> str:
    """When a moment was that the REST API gave: today's by its time, another by its day, too."""
    when = datetime.fromisoformat(at)
    return date_format(when, "H:i:s T" if when.date() == clock.now().date() else "SHORT_DATETIME_FORMAT")


@register.filter
def roles(names: Iterable[str]) -> str:
    """What somebody is here."""
    return roles_in_words(names)


@register.filter
def instant(moment: str) -> str:
    """The time of day of an ISO 8601 moment, to the millisecond, in UTC."""
    at = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"


@register.filter
def amount(value: object) -> str:
    """A decimal that is kept as text, with the decimal separator of the language."""
    return number_format(str(value))
