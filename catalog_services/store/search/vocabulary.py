"""What questions are read with: the synonyms managers keep and the units characteristics are declared in.

Read from MongoDB every few seconds; while it is down the last known ones count.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field

from django.conf import settings

from catalog_services.store.language import synonyms, text
from catalog_services.store.language.synonyms import Synonyms
from catalog_services.store.stores import mongo
from catalog_services.store.stores.availability import MONGODB, StoreDown

_REMEMBERED_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``units`` is ``{characteristic slug: units it is declared in}``."""

    synonyms: Synonyms
    units: dict[str, list[str]] = field(default_factory=dict)

    def units_of(self, slug: str) -> list[str]:
        return self.units.get(slug, [])


_known: dict[tuple[str, str, str], tuple[float, Vocabulary]] = {}


def current(generation: str | None) -> Vocabulary:
    """The vocabulary of a generation (of what is built in, when none is known)."""
    if generation is None:
        return Vocabulary(synonyms.build(()))
    key = (settings.STORE_MONGODB_DATABASE, settings.STORE_LANGUAGE, generation)
    at, vocabulary = _known.get(key, (0.0, Vocabulary(synonyms.build(()))))
    if time.monotonic() - at > _REMEMBERED_SECONDS or key not in _known:
        try:
            with MONGODB.attempt():
                vocabulary = _read(generation)
        except StoreDown:
            return vocabulary
        _known[key] = (time.monotonic(), vocabulary)
    return vocabulary


def _read(generation: str) -> Vocabulary:
    database = mongo.reading()
    live = {"deleted": False}
    sets = mongo.collection(database, "synonyms", generation).find(live, {"data.terms": 1})
    declared: dict[str, set[str]] = defaultdict(set)
    fields = {"data.name": 1, "data.unit_of_measure": 1}
    for found in mongo.collection(database, "characteristics", generation).find(live, fields):
        declared[text.slug(found["data"]["name"])].add(found["data"]["unit_of_measure"])
    return Vocabulary(
        synonyms.build(tuple(sorted(tuple(found["data"]["terms"]) for found in sets))),
        {slug: sorted(units) for slug, units in declared.items()},
    )


def forget() -> None:
    """Read it anew next time (tests)."""
    _known.clear()
