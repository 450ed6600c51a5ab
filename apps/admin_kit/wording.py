"""What the actions and the rules say, in the language of the person who reads it."""

from __future__ import annotations

from django.utils.translation import gettext

from apps.core.messages import Message


def said(message: str) -> str:
    """A message with all that stands in it; any other text when it has a translation, else as it is."""
    if not message:
        return message
    template = message.template if isinstance(message, Message) else message
    found = gettext(template)
    if isinstance(message, Message) and message.values:
        return found.format(**{name: _value(value) for name, value in message.values.items()})
    return found if found != template else str(message)


def _value(value: object) -> object:
    return said(value) if isinstance(value, Message) else value
