"""MongoDB: clients per process, and the names of what is kept there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from pymongo import ASCENDING, MongoClient, ReadPreference
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

Document = dict[str, Any]
Mongo = Database[Document]

DUPLICATE_KEY = 11000
COUNTED = 10_000
CONNECT_SECONDS = 1.0
"""What a request may wait for a connection, or for a server to be found."""

_clients: dict[tuple[Any, ...], MongoClient[Document]] = {}

# What each collection of a generation is looked up by, besides its id.
INDEXES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "characteristics": (),
    "specifications": (("data.characteristics.id",),),
    "prices": (),
    "offerings": (
        ("data.pricing_ids",),
        ("data.specification_ids",),
        ("data.category_ids",),
        ("data.catalog_ids",),
        ("data.bundled_offerings.id",),
    ),
    "categories": (("data.parent_id",),),
    "catalogs": (),
    "synonyms": (),
    "entries": (
        ("visible", "fields.name", "_id"),
        ("visible", "fields.published_at", "_id"),
        ("tokens",),
    ),
    "dirty": (),
    "aside": (),
}


def reading() -> Mongo:
    """The database for answering requests: silence is noticed within ``STORE_READ_TIMEOUT``."""
    seconds = settings.STORE_READ_TIMEOUT
    return _database(os.getpid(), settings.STORE_MONGODB_URL, min(seconds, CONNECT_SECONDS), seconds)


def standing_in() -> Mongo:
    """The database for what Elasticsearch did not answer: nobody is left to ask, so it has longer."""
    return _database(
        os.getpid(), settings.STORE_MONGODB_URL, CONNECT_SECONDS, settings.STORE_STAND_IN_TIMEOUT
    )


def writing() -> Mongo:
    """The database for projections: every write is acknowledged by a majority and in the journal."""
    return _database(os.getpid(), settings.STORE_MONGODB_URL, 2.0, 20.0)


def scanning() -> Mongo:
    """The database for going through whole collections: a server may need minutes to sort one for its first answer."""
    return _database(os.getpid(), settings.STORE_MONGODB_URL, 2.0, 600.0)


def _database(pid: int, url: str, connect: float, answer: float) -> Mongo:
    # Whatever the URL says of reading: a member that is behind would have an older state composed for good.
    return _client(pid, url, connect, answer).get_default_database(
        default=settings.STORE_MONGODB_DATABASE, read_preference=ReadPreference.PRIMARY
    )


def _client(*key: Any) -> MongoClient[Document]:
    """One client per process (``pid``: a client does not survive a fork), URL and patience."""
    if key in _clients:
        return _clients[key]
    _, url, connect, answer = key
    made: MongoClient[Document] = MongoClient(
        url,
        appname="catalog-store",
        w="majority",
        journal=True,
        serverSelectionTimeoutMS=int(connect * 1000),
        connectTimeoutMS=int(connect * 1000),
        socketTimeoutMS=int(answer * 1000),
        retryReads=False,
    )
    kept = _clients.setdefault(key, made)
    if kept is not made:  # another thread was faster
        made.close()
    return kept


def close() -> None:
    """Close this process's clients; the next use opens new ones."""
    for key in [key for key in _clients if key[0] == os.getpid()]:
        _clients.pop(key).close()


def collection(database: Mongo, kind: str, generation: str) -> Collection[Document]:
    """The collection of a kind (a key of ``INDEXES``) in a generation."""
    return database[f"{kind}_{generation}"]


def count(documents: Collection[Document]) -> int:
    """How many there are; ``COUNTED`` stands for that many or more."""
    return documents.count_documents({}, limit=COUNTED)


def raise_unless_there(error: BulkWriteError) -> None:
    """A guarded write that finds nothing to replace tries to insert and meets the id: that is the guard at work."""
    if any(e.get("code") != DUPLICATE_KEY for e in error.details.get("writeErrors", [])):
        raise error
    if error.details.get("writeConcernErrors"):
        raise error


def create_generation(database: Mongo, generation: str) -> None:
    """Make a generation's collections findable by what they are looked up by; harmless when they are there."""
    for kind, indexes in INDEXES.items():
        for keys in indexes:
            collection(database, kind, generation).create_index([(key, ASCENDING) for key in keys])
    database["publications"].create_index([("offering_id", ASCENDING)])


def drop_generation(database: Mongo, generation: str) -> None:
    """Remove a generation that is neither live nor previous."""
    for kind in INDEXES:
        collection(database, kind, generation).drop()


def generations_there(database: Mongo) -> set[str]:
    """The generations that have a collection."""
    names = (name.rpartition("_") for name in database.list_collection_names())
    return {generation for kind, _, generation in names if kind in INDEXES}
