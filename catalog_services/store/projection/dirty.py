"""Dirty marks: what changed, and is not shown by both stores yet.

A mark names causes, not the entries that show them: a price that a thousand offerings have is one mark, however many
that are when it is worked off. Marks are only ever added and removed, so whoever removes one removes what it saw. They
alone say what Elasticsearch lacks: a change is marked after it is written, and its mark goes after Elasticsearch has
every entry that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.core.ids import made_at, uuid7
from catalog_services.store.stores import mongo
from catalog_services.store.stores.mongo import Document, Mongo, collection

ENTRIES = "entries"
"""The kind of a cause that is an entry itself, not what shows it; every other kind is a component's."""

Causes = Mapping[str, Sequence[str]]
"""Kind -> ids."""

EVERYTHING: Causes = {"everything": ()}
"""Every entry there is."""


@dataclass(frozen=True, slots=True)
class Mark:
    """``after``: the entries up to this id are done."""

    id: str
    causes: Causes
    after: str = ""


def mark(database: Mongo, generation: str, causes: Causes) -> Mark:
    """Mark causes, durably."""
    made = Mark(str(uuid7()), {kind: list(ids) for kind, ids in causes.items()})
    collection(database, "dirty", generation).insert_one({"_id": made.id, "causes": dict(made.causes)})
    return made


def marked(database: Mongo, generation: str, *, limit: int) -> list[Mark]:
    """The oldest marks that are at the same place: those that were begun come alone."""
    found = collection(database, "dirty", generation).find().sort("_id", 1).limit(limit)
    marks = [_mark(document) for document in found]
    return [mark for mark in marks if mark.after == marks[0].after]


def _mark(document: Document) -> Mark:
    # Once a mark was an entry's id and nothing else; a store that was running then may still have some.
    causes = document.get("causes", {ENTRIES: [document["_id"]]})
    return Mark(document["_id"], causes, document.get("after", ""))


def clear(database: Mongo, generation: str, marks: Iterable[Mark]) -> None:
    """Take marks away."""
    collection(database, "dirty", generation).delete_many(_these(marks))


def advance(database: Mongo, generation: str, marks: Iterable[Mark], after: str) -> None:
    """Note that the entries up to ``after`` are done."""
    collection(database, "dirty", generation).update_many(_these(marks), {"$set": {"after": after}})


def _these(marks: Iterable[Mark]) -> Document:
    return {"_id": {"$in": [mark.id for mark in marks]}}


def count(database: Mongo, generation: str) -> int:
    """How many, up to ``mongo.COUNTED``."""
    return mongo.count(collection(database, "dirty", generation))


def oldest(database: Mongo, generation: str) -> datetime | None:
    """When the oldest mark was made; None when there is none."""
    found = collection(database, "dirty", generation).find_one({}, {"_id": 1}, sort=[("_id", 1)])
    return made_at(UUID(found["_id"])) if found else None
