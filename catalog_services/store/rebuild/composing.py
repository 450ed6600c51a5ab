"""Every entry of a generation that is being built, composed in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import batched, chain

from apps.store_item.compose import Data
from catalog_services.store.projection import dirty
from catalog_services.store.projection.bringing import PAGE, bring
from catalog_services.store.projection.components import LOADED, loaded
from catalog_services.store.projection.entries import refresh
from catalog_services.store.rebuild.joining import by_id
from catalog_services.store.rebuild.report import Say
from catalog_services.store.stores import mongo
from catalog_services.store.stores.mongo import Document, Mongo

_NOT_PUBLISHED = {"data.lifecycle_status": {"$ne": "PUBLISHED"}}


def compose_all(database: Mongo, generation: str, say: Say) -> None:
    """Every entry, in one pass that needs no marks: what dies on the way is begun anew.

    What was set aside is tried once more in the end. What could not be indexed is marked, as is what live events left.
    """
    done, in_all = 0, mongo.collection(database, "offerings", generation).estimated_document_count()
    read: dict[str, Data] = {}

    def pages() -> Iterator[list[str]]:
        there = by_id("offerings", generation, LOADED, {"deleted": False})
        for page in batched(there, PAGE):
            read.clear()
            read.update((id, loaded(document)) for id, document in page)
            yield list(read)

    composed = bring(database, generation, pages(), compose=partial(refresh, unseen=read), stale=True)
    # Who retired one before its entry was written found none to hide: look once, after all are.
    hidden = bring(database, generation, _ids("offerings", generation, _NOT_PUBLISHED))
    again = bring(database, generation, _ids("aside", generation))
    for page in chain(composed, hidden, again):
        if not page.indexed:
            dirty.mark(database, generation, {dirty.ENTRIES: page.ids})
        done += len(page.ids)
        say("entries", min(done, in_all), in_all)


def offering_ids(generation: str) -> Iterator[tuple[str, ...]]:
    """The ids of all there are, by pages: also of those that a live event brought before the components of theirs."""
    return _ids("offerings", generation)


def _ids(kind: str, generation: str, where: Document | None = None) -> Iterator[tuple[str, ...]]:
    return batched((id for id, _ in by_id(kind, generation, {"_id": 1}, where)), PAGE)
