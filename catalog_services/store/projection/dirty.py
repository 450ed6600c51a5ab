"""Dirty marks: what changed, and is not shown by both stores yet.

A mark names causes, not the entries that show them: a price that a thousand offerings have is one mark, however many
that are when it is worked off. A mark's causes never change, so whoever removes one removes what it saw. Marks alone
say what Elasticsearch lacks: a change is marked after it is written, and its mark goes after Elasticsearch has every
entry that shows it. While Elasticsearch takes none, it is **owed** what MongoDB has: a mark of its own, so that the one
that MongoDB is through with can go.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from apps.core.ids import made_at, uuid7
from catalog_services.store.stores import mongo
from catalog_services.store.stores.mongo import Document, Mongo, collection

ENTRIES = "entries"
"""The kind of a cause that is an entry itself, not what shows it; every other kind is a component's."""

Causes = Mapping[str, Sequence[str]]
"""Kind -> ids."""

EVERYTHING: Causes = {"everything": ()}
"""Every entry there is."""

_OWED = "owed:"  # sorts behind every other id: none of either sort is read over to find the other

_BY_BOTH: Document = {"_id": {"$lt": _OWED}}
_BY_ELASTICSEARCH: Document = {"_id": {"$gte": _OWED}}
_SHORT: Document = {"after": None}
_LONG: Document = {"after": {"$ne": None}}

NEW: Document = _BY_BOTH | _SHORT
"""The sort of marks that nobody was at yet."""
LONG: Document = _BY_BOTH | _LONG
"""Those that very many entries show."""
OWED: Document = _BY_ELASTICSEARCH | _SHORT
OWED_LONG: Document = _BY_ELASTICSEARCH | _LONG


@dataclass(frozen=True, slots=True)
class Mark:
    """``after``: the entries up to this id are done; only a long one has it."""

    id: str
    causes: Causes
    after: str | None = None

    @property
    def is_owed(self) -> bool:
        """Whether it says what Elasticsearch alone lacks."""
        return self.id.startswith(_OWED)


def mark(database: Mongo, generation: str, causes: Causes) -> Mark:
    """Mark causes, durably."""
    made = Mark(str(uuid7()), {kind: list(ids) for kind, ids in causes.items()})
    collection(database, "dirty", generation).insert_one({"_id": made.id, "causes": dict(made.causes)})
    return made


def marked(database: Mongo, generation: str, among: Document | None = None, *, limit: int) -> list[Mark]:
    """The oldest marks (``among``: of one sort) that are at the same place."""
    found = collection(database, "dirty", generation).find(among).sort("_id", 1).limit(limit)
    marks = [_mark(document) for document in found]
    return [mark for mark in marks if mark.after == marks[0].after]


def _mark(document: Document) -> Mark:
    # Once a mark was an entry's id and nothing else; a store that was running then may still have some.
    causes = document.get("causes", {ENTRIES: [document["_id"]]})
    return Mark(document["_id"], causes, document.get("after"))


def clear(database: Mongo, generation: str, marks: Iterable[Mark]) -> None:
    """Take marks away."""
    collection(database, "dirty", generation).delete_many(_these(marks))


def advance(database: Mongo, generation: str, marks: Iterable[Mark], after: str) -> None:
    """Note that the entries up to ``after`` are done, unless somebody came further."""
    collection(database, "dirty", generation).update_many(_these(marks), {"$max": {"after": after}})


def owe(database: Mongo, generation: str, marks: Iterable[Mark]) -> None:
    """Note that Elasticsearch lacks what shows these marks, from their place on, unless that is noted already."""
    writes = [
        UpdateOne({"_id": _OWED + mark.id}, {"$setOnInsert": _content(mark)}, upsert=True) for mark in marks
    ]
    if not writes:
        return
    try:
        collection(database, "dirty", generation).bulk_write(writes, ordered=False)
    except BulkWriteError as error:  # two at once
        mongo.raise_unless_there(error)


def places(database: Mongo, generation: str) -> dict[str, dict[str, str | None]]:
    """Where each mark is, by its id: as what both lack, and as what Elasticsearch is owed."""
    found: dict[str, dict[str, str | None]] = {}
    for one in collection(database, "dirty", generation).find({}, {"after": 1}):
        found.setdefault(one["_id"].removeprefix(_OWED), {})[one["_id"]] = one.get("after")
    return found


def _content(mark: Mark) -> Document:
    place = {} if mark.after is None else {"after": mark.after}
    return {"causes": dict(mark.causes), **place}


def _these(marks: Iterable[Mark]) -> Document:
    return {"_id": {"$in": [mark.id for mark in marks]}}


def count(database: Mongo, generation: str) -> int:
    """How many, up to ``mongo.COUNTED``."""
    return mongo.count(collection(database, "dirty", generation))


def oldest(database: Mongo, generation: str) -> datetime | None:
    """When the oldest mark was made; None when there is none."""
    kept = collection(database, "dirty", generation)
    firsts = [kept.find_one(sort, {"_id": 1}, sort=[("_id", 1)]) for sort in (_BY_BOTH, _BY_ELASTICSEARCH)]
    made = [made_at(UUID(first["_id"].removeprefix(_OWED))) for first in firsts if first]
    return min(filter(None, made), default=None)
