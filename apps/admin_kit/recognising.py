"""Sentences that were said in English before, recognised: what is stored, or comes from another service, is text.

Why a publication failed, a row was refused, a part is not as it should be: each was a ``Message`` once. Its template is
found again among those that have a translation, and what stands in its places is read from the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from django.utils.translation import get_language, gettext
from django.utils.translation.trans_real import translation

from apps.core.states import NAMES

PLACE = re.compile(r"\{(\w+)\}")
ARE_WORDS = frozenset(
    {"kind", "type", "field", "group", "what", "users", "publications", "done", "state", "current", "target"}
)
"""Places whose values are words of ours, which have translations; other values are a person's, and stay."""
LONGEST = 2000
"""Characters; what is longer was put together by a machine."""
LEAST = 4
"""Letters of a template besides its places; one that says less, as ``{what}: {done} of {chosen}``, fits too much."""
SENTENCES = re.compile(r"(?<=\.);? (?=\S)")


def recognised(text: str) -> str:
    """In the language of the person who reads it, as far as it is known; else as it is."""
    if len(text) > LONGEST:
        return text
    parts = SENTENCES.split(text)
    found = [_sentence(part) or _labelled(part) for part in parts]
    if all(found):
        return " ".join(filter(None, found))
    return _sentence(text) or " ".join(known or part for known, part in zip(found, parts, strict=True))


def _labelled(text: str) -> str | None:
    """A sentence behind the name of what it is about."""
    label, _, rest = text.partition(": ")
    return f"{gettext(label.replace('_', ' '))}: {known}" if label and (known := _sentence(rest)) else None


def _sentence(text: str) -> str | None:
    """One that was one message; None when it is not known."""
    if not text:
        return None
    found = gettext(text)
    if found != text:
        return found
    for pattern, template in _templates(get_language() or ""):
        if match := pattern.fullmatch(text):
            values = {name: _value(name, value) for name, value in match.groupdict().items()}
            return gettext(template).format(**values)
    return None


def _value(name: str, value: str) -> str:
    """A word of ours, a sentence within the sentence, or what a person typed."""
    if name in ARE_WORDS:
        return word(value)
    if " " not in value:
        return value
    listed = [_sentence(one) for one in value.split(", ")]
    return ", ".join(filter(None, listed)) if all(listed) else recognised(value)


def word(value: str) -> str:
    """A word of ours as it is read: a state, a type, a field."""
    if value in NAMES:
        return gettext(NAMES[value])
    return next((found for one in (value, value.replace("_", " ")) if (found := gettext(one)) != one), value)


@cache
def _templates(language: str) -> list[tuple[re.Pattern[str], str]]:
    """Those with places that have a translation, the ones that say most first."""
    keys = translation(language)._catalog.keys() if language else ()  # type: ignore[attr-defined]
    found = {key for key in keys if isinstance(key, str) and PLACE.search(key) and _says(key) >= LEAST}
    return [(_pattern(key), key) for key in sorted(found, key=lambda one: (_says(one), one), reverse=True)]


def _says(template: str) -> int:
    """How many letters it has besides its places."""
    return len(re.findall(r"\w", PLACE.sub("", template)))


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("".join(_parts(template)), re.DOTALL)


def _parts(template: str) -> Iterator[str]:
    seen: set[str] = set()
    for number, part in enumerate(PLACE.split(template)):
        if number % 2 == 0:
            yield re.escape(part.replace("{{", "{").replace("}}", "}"))
        else:
            yield f"(?P={part})" if part in seen else f"(?P<{part}>.+?)"
            seen.add(part)
