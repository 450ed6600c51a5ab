"""What questions are read with: the synonyms managers keep, the units characteristics are declared in, and when
catalogs are valid.

Read from MongoDB every few seconds; while it is down the last known ones count.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from apps.store_item.validity import begins, ends
from catalog_services.store.language import synonyms, text
from catalog_services.store.language.synonyms import Synonyms
from catalog_services.store.stores import mongo
from catalog_services.store.stores.availability import MONGODB, StoreDown

_REMEMBERED_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Span:
    """When the catalog of a (folded) name is valid: milliseconds since 1970, both included."""

    name: str
    valid_from: int
    valid_to: int

    def holds(self, at: int) -> bool:
        return self.valid_from <= at <= self.valid_to


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``units`` is ``{characteristic slug: units it is declared in}``, ``catalogs`` go by id."""

    synonyms: Synonyms
    units: dict[str, list[str]] = field(default_factory=dict)
    catalogs: dict[str, Span] = field(default_factory=dict)

    def units_of(self, slug: str) -> list[str]:
        return self.units.get(slug, [])

    def catalogs_at(self, wanted: Iterable[str], at: int) -> tuple[str, ...]:
        """The ids of those that are wanted, by id or name, and valid then; what names none that is known stays."""
        found: dict[str, None] = {}
        for value in wanted:
            meant = {id: span for id, span in self.catalogs.items() if value in {id, span.name}}
            found |= (
                dict.fromkeys(id for id, span in meant.items() if span.holds(at)) if meant else {value: None}
            )
        return tuple(found)

    def facets_at(self, facets: dict[str, Any], at: int) -> dict[str, Any]:
        """The counts without catalogs that are not valid then."""
        if not facets:
            return facets
        valid = [
            one
            for one in facets["catalog"]
            if (span := self.catalogs.get(one["value"])) is None or span.holds(at)
        ]
        return {**facets, "catalog": valid}


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
    limits = {"data.name": 1, "data.valid_from": 1, "data.valid_to": 1}
    catalogs = mongo.collection(database, "catalogs", generation).find(live, limits)
    return Vocabulary(
        synonyms.build(tuple(sorted(tuple(found["data"]["terms"]) for found in sets))),
        {slug: sorted(units) for slug, units in declared.items()},
        {found["_id"]: _span(found["data"]) for found in catalogs},
    )


def _span(catalog: dict[str, Any]) -> Span:
    return Span(text.fold(catalog["name"]).strip(), begins(catalog["valid_from"]), ends(catalog["valid_to"]))


def forget() -> None:
    """Read it anew next time (tests)."""
    _known.clear()
