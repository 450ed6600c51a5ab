"""Which generation is live. One document in MongoDB says it for both stores; a rebuild switches by changing it.

A generation is a set of collections and one index that belong together. Its name is new each time (a UUIDv7), so
that a MongoDB that lost its data can never meet an index whose ``rev`` is ahead of its own.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from elasticsearch import Elasticsearch
from pymongo.errors import DuplicateKeyError

from apps.core.ids import uuid7
from catalog_services.store.stores import elastic, mongo
from catalog_services.store.stores.mongo import Document, Mongo

POINTER = "generation"
SHAPE = 3
"""Of what a generation holds: another number whenever entries are composed or indexed otherwise than before. The worker
rebuilds a store whose live generation has another one (``maintenance.py``)."""
_REMEMBERED_SECONDS = 0.5
_KNOWN_SECONDS = 10.0
"""How long a process that MongoDB left may go on from what it knew; the alias, which follows rebuilds, knows better
what was live when nobody had asked for long."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """``building`` is the generation of a rebuild that is not finished; ``previous`` the one before ``live``."""

    live: str
    building: str | None = None
    previous: str | None = None
    shape: int = SHAPE

    @property
    def written(self) -> tuple[str, ...]:
        """The generations that events go into."""
        return (self.live, self.building) if self.building else (self.live,)


def new_name() -> str:
    return uuid7().hex


def read(database: Mongo) -> Pointer | None:
    """The pointer as it is now; None before the store was ever written to."""
    found = database["meta"].find_one({"_id": POINTER})
    return _pointer(found) if found else None


def _pointer(found: Document) -> Pointer:
    return Pointer(found["live"], found.get("building"), found.get("previous"), found.get("shape", 1))


def ensure(database: Mongo) -> Pointer:
    """The pointer; makes the first generation (MongoDB's part) when there is none."""
    if (pointer := read(database)) is not None:
        return pointer
    name = new_name()
    mongo.create_generation(database, name)
    with suppress(DuplicateKeyError):  # two workers began at once
        first = {"_id": POINTER, "live": name, "building": None, "previous": None, "shape": SHAPE}
        database["meta"].insert_one(first)
    found = database["meta"].find_one({"_id": POINTER}) or {}
    if found["live"] != name:
        mongo.drop_generation(database, name)
    return _pointer(found)


def start_building(database: Mongo, client: Elasticsearch) -> str:
    """A new generation beside the live one, written to from now on. One left by a killed rebuild is removed."""
    pointer = ensure(database)
    name = new_name()
    mongo.create_generation(database, name)
    elastic.ensure_index(client, name)
    database["meta"].update_one({"_id": POINTER}, {"$set": {"building": name}})
    if pointer.building:
        discard(database, client, pointer.building)
    return name


def switch(database: Mongo, name: str) -> bool:
    """Make the generation being built the live one, for both stores at once; False when another rebuild took over.

    The one that was live is kept as the previous one; the one before it is for ``tidy``.
    """
    before = database["meta"].find_one_and_update(
        {"_id": POINTER, "building": name},
        [{"$set": {"previous": "$live", "live": name, "building": None, "shape": SHAPE}}],
    )
    return before is not None


def stop_building(database: Mongo, client: Elasticsearch, name: str) -> None:
    """Remove a generation that was being built; the live one is as it was. One that was switched to stays."""
    database["meta"].update_one({"_id": POINTER, "building": name}, {"$set": {"building": None}})
    pointer = read(database)
    if pointer is None or name not in {pointer.live, pointer.previous}:
        discard(database, client, name)


def tidy(database: Mongo, client: Elasticsearch) -> None:
    """Remove generations that the pointer does not name: older ones, and what killed rebuilds left."""
    pointer = ensure(database)
    there = mongo.generations_there(database) | elastic.generations_there(client)
    for name in there - {pointer.live, pointer.building, pointer.previous}:
        discard(database, client, name)


def discard(database: Mongo, client: Elasticsearch, name: str) -> None:
    mongo.drop_generation(database, name)
    elastic.drop_index(client, name)


_remembered: dict[str, tuple[float, Pointer]] = {}


def live(database: Mongo) -> str | None:
    """The live generation for reads, remembered for half a second; None before the store was ever written to."""
    at, pointer = _remembered.get(_place(), (0.0, None))
    if pointer is None or time.monotonic() - at > _REMEMBERED_SECONDS:
        pointer = read(database)
        if pointer is None:
            return None
        _remembered[_place()] = (time.monotonic(), pointer)
    return pointer.live


def last_known() -> str | None:
    """The generation that was live when MongoDB answered this process some moments ago; None when it did not."""
    at, pointer = _remembered.get(_place(), (0.0, None))
    return pointer.live if pointer and time.monotonic() - at < _KNOWN_SECONDS else None


def forget() -> None:
    """Ask MongoDB next time (tests)."""
    _remembered.clear()


def _place() -> str:
    return f"{settings.STORE_MONGODB_DATABASE} {settings.STORE_INDEX_PREFIX}"


def live_index(known: str | None) -> str:
    """The index that searches go to: of a known generation, else the alias."""
    return elastic.index_name(known) if known else elastic.alias()
