"""Synonyms: words and phrases that find each other.

They are applied to the question only, not to the index: a manager's edit then counts at once and
no entry has to be written again for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from catalog_services.store.language import units
from catalog_services.store.language.text import Word, stem, words

Phrase = tuple[str, ...]

DEFAULT: tuple[tuple[str, ...], ...] = (
    ("fibre", "fiber"),
    ("ftth", "fttp", "fibre to the home", "fiber to the home", "fibre to the premises"),
    ("tv", "television"),
    ("wifi", "wi-fi", "wlan"),
    ("mobile", "cellular"),
    ("phone", "telephone"),
    ("colocation", "colo", "co-location"),
)
"""What counts from the start, whatever a manager adds."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing asked for: any of ``phrases`` (stems in order) answers it; ``typed`` are the words as written."""

    phrases: tuple[Phrase, ...]
    typed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Phrase -> every phrase that means the same, itself included."""

    groups: Mapping[Phrase, tuple[Phrase, ...]] = field(default_factory=dict)
    longest: int = 1


def _stems(found: Sequence[Word]) -> Phrase:
    return tuple(stem(part) for word in found for part in word.parts)


@lru_cache(maxsize=8)
def build(sets: tuple[tuple[str, ...], ...]) -> Synonyms:
    """Synonyms of sets of texts, the default ones included; sets that share a phrase are one set."""
    groups: dict[Phrase, tuple[Phrase, ...]] = {}
    for texts in (*DEFAULT, *sets):
        members = {phrase for text in texts for phrase in _spellings(text)}
        for phrase in list(members):
            members.update(groups.get(phrase, ()))
        for phrase in members:
            groups[phrase] = tuple(sorted(members))
    return Synonyms(groups, max((len(phrase) for phrase in groups), default=1))


def _spellings(text: str) -> Iterable[Phrase]:
    found = words(text)
    if found:
        yield _stems(found)
    if len(found) == 1 and found[0].is_compound:
        yield (stem(found[0].joined),)


def terms(text: str, synonyms: Synonyms, limit: int = 16) -> list[Term]:
    """What a question asks for: words grouped into known phrases (longest first), each with its synonyms."""
    found = words(text)[:limit]
    result: list[Term] = []
    at = 0
    while at < len(found):
        taken, alternatives = _longest(found[at:], synonyms)
        typed = tuple(part for word in found[at : at + taken] for part in word.parts)
        result.append(Term(alternatives, typed))
        at += taken
    return result


def _longest(found: list[Word], synonyms: Synonyms) -> tuple[int, tuple[Phrase, ...]]:
    for count in range(min(synonyms.longest, len(found)), 0, -1):
        if alternatives := synonyms.groups.get(_stems(found[:count])):
            return count, alternatives
    if measured := _measured(found[:2], synonyms):
        return 2, measured
    first = found[0]
    own: tuple[Phrase, ...] = (_stems([first]),)
    return 1, (*own, (stem(first.joined),)) if first.is_compound else own


def _measured(found: list[Word], synonyms: Synonyms) -> tuple[Phrase, ...]:
    """A number and its unit as typed, in the suite's unit, as entries have them, and with what the unit is called
    besides; nothing where the first two are the same."""
    if len(found) < 2 or found[1].is_compound or not found[0].number:
        return ()
    in_suite = units.in_suite_unit(found[0].number, found[1].joined)
    typed, shown = _stems(found), _stems(words(in_suite or ""))
    if not shown or shown == typed:
        return ()
    others = synonyms.groups.get(typed[-1:], ())
    return tuple(dict.fromkeys((typed, shown, *((*typed[:-1], *other) for other in others))))
