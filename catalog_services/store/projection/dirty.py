"""Dirty marks: the offerings whose entries have to be composed and indexed again.

A set in MongoDB, so marking twice is marking once. A mark has a token of its own: who cleared it cleared the
mark that it saw, not one that was set meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import batched

from pymongo import DeleteOne, UpdateOne

from apps.core.ids import uuid7
from catalog_services.store.stores.mongo import Mongo, collection

_BATCH = 1000


def mark(database: Mongo, generation: str, ids: Iterable[str]) -> None:
    """Mark offerings, durably."""
    token = str(uuid7())
    for some in batched(sorted(ids), _BATCH):
        collection(database, "dirty", generation).bulk_write(
            [UpdateOne({"_id": id}, {"$set": {"token": token}}, upsert=True) for id in some], ordered=False
        )


def mark_all(database: Mongo, generation: str) -> int:
    """Mark every offering and every entry there is; gives how many."""
    ids: set[str] = set()
    for kind in ("offerings", "entries"):
        ids.update(found["_id"] for found in collection(database, kind, generation).find({}, {"_id": 1}))
    mark(database, generation, ids)
    return len(ids)


def marked(
    database: Mongo, generation: str, *, limit: int, among: Iterable[str] | None = None
) -> dict[str, str]:
    """Up to ``limit`` marked offerings (``among`` some), the longest marked first: id -> token."""
    wanted = {} if among is None else {"_id": {"$in": list(among)}}
    found = collection(database, "dirty", generation).find(wanted).sort("token", 1).limit(limit)
    return {mark["_id"]: mark["token"] for mark in found}


def clear(database: Mongo, generation: str, marks: Mapping[str, str]) -> None:
    """Take marks away unless they were set again since they were read."""
    if marks:
        collection(database, "dirty", generation).bulk_write(
            [DeleteOne({"_id": id, "token": token}) for id, token in marks.items()], ordered=False
        )


def count(database: Mongo, generation: str) -> int:
    return collection(database, "dirty", generation).count_documents({})
