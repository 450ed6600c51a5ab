"""Who shows what: from a changed component to the offerings whose entries have to be composed again."""

from __future__ import annotations

from collections.abc import Iterable

import pymongo

from catalog_services.store.projection.dirty import ENTRIES, EVERYTHING, Mark
from catalog_services.store.stores.mongo import Mongo, collection

# Only these have an entry worth composing; an offering that becomes one of them says so with an event of its own.
_SHOWN = ["PUBLISHED", "PUBLISHING"]
_EVERYTHING_SECONDS = 300.0


def affected(database: Mongo, generation: str, marks: Iterable[Mark]) -> set[str]:
    """Ids of the offerings that show any of the marked causes, themselves included.

    Asked after the components are written: of two concurrent changes, the later one sees the earlier.
    """
    ids: dict[str, set[str]] = {}
    for mark in marks:
        for kind, causes in mark.causes.items():
            ids.setdefault(kind, set()).update(causes)
    offerings = collection(database, "offerings", generation)

    def showing(field: str, values: set[str]) -> set[str]:
        if not values:
            return set()
        shown = {f"data.{field}": {"$in": sorted(values)}, "data.lifecycle_status": {"$in": _SHOWN}}
        return {document["_id"] for document in offerings.find(shown, {"_id": 1})}

    specifications = ids.get("specifications", set()) | _specifications_using(
        database, generation, ids.get("characteristics", set())
    )
    return (
        ids.get(ENTRIES, set())
        | ids.get("offerings", set())
        | showing("specification_ids", specifications)
        | showing("pricing_ids", ids.get("prices", set()))
        | showing("category_ids", _with_descendants(database, generation, ids.get("categories", set())))
        | showing("catalog_ids", ids.get("catalogs", set()))
        | showing("bundled_offerings.id", ids.get("offerings", set()))
        | (_everything(database, generation) if EVERYTHING.keys() <= ids.keys() else set())
    )


def _everything(database: Mongo, generation: str) -> set[str]:
    kinds = ("offerings", "entries")
    with pymongo.timeout(_EVERYTHING_SECONDS):
        return {
            found["_id"]
            for kind in kinds
            for found in collection(database, kind, generation).find({}, {"_id": 1})
        }


def _specifications_using(database: Mongo, generation: str, characteristics: set[str]) -> set[str]:
    if not characteristics:
        return set()
    specifications = collection(database, "specifications", generation)
    using = {"data.characteristics.id": {"$in": sorted(characteristics)}}
    return {document["_id"] for document in specifications.find(using, {"_id": 1})}


def _with_descendants(database: Mongo, generation: str, categories: set[str]) -> set[str]:
    """A category's path is shown by everything below it."""
    found, level = set(categories), set(categories)
    while level:
        children = collection(database, "categories", generation).find(
            {"data.parent_id": {"$in": sorted(level)}}, {"_id": 1}
        )
        level = {document["_id"] for document in children} - found
        found |= level
    return found
