"""What the actions and the rules say, in the language of the person who reads it."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language, gettext

from apps.admin_kit.recognising import ARE_WORDS, recognised, word
from apps.core.bidi import isolated
from apps.core.messages import Message


def said(message: str) -> str:
    """A message with all that stands in it; of any other text what is recognised as one."""
    if not isinstance(message, Message):
        return message if get_language() == settings.LANGUAGE_CODE else recognised(message)
    found = gettext(message.template) if message else message
    if message.values:
        return found.format(**{name: _value(name, value) for name, value in message.values.items()})
    return found if found != message.template else str(message)


def _value(name: str, value: object) -> object:
    if isinstance(value, Message):
        return said(value)
    if not isinstance(value, str):
        return value
    return word(value) if name in ARE_WORDS else isolated(value)
