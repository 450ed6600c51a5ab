"""What an operator asks the two stores: each answers quickly or is told as down, which no other reader hears of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pymongo
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch
from pymongo.errors import PyMongoError

from apps.core import clock
from apps.store_item.payloads import BY_KIND
from catalog_services.store.projection import aside, dirty
from catalog_services.store.stores import elastic, generations, mongo
from catalog_services.store.stores.mongo import Mongo, collection

PATIENCE_SECONDS = 0.7
"""For all that is asked of one store together."""

UP, DOWN = "up", "down"
_UNKNOWN = {"kind": None, "version": None, "deleted": None, "entry_rev": None}
Aggregates = dict[str, dict[str, Any]]


def store_flow() -> dict[str, Any]:
    """``{"generation", "dirty", "aside", "oldest_dirty_seconds", "mongodb", "elasticsearch"}``.

    ``dirty`` are the marks that wait, ``aside`` the entries set aside, both of the live generation. What MongoDB does
    not answer is None, as is all of it before anything was ever written.
    """
    with ThreadPoolExecutor(max_workers=1) as beside:
        answer = beside.submit(_from_elasticsearch, _health)
        waiting = _from_mongodb(_waiting)
    nothing = {"generation": None, "dirty": None, "aside": None, "oldest_dirty_seconds": None}
    return {**nothing, **(waiting or {}), "mongodb": _said(waiting), "elasticsearch": _said(answer.result())}


def aggregates(ids: Sequence[str]) -> dict[str, Any]:
    """``{"aggregates", "mongodb", "elasticsearch"}``: what the live generation has of each id, in their order.

    Each is ``{"id", "kind", "version", "deleted", "entry_rev", "indexed_version"}``; ``kind`` as in event types. An
    offering that ever had an entry has the entry's ``rev`` in MongoDB, and the version that Elasticsearch has of it.
    What is in neither store is left out; what a store that is down would say is None.
    """
    kept = _from_mongodb(lambda database: _kept(database, ids))
    indexed = _from_elasticsearch(lambda client: _indexed(client, ids))
    known, versions = kept or {}, indexed or {}
    found = [
        {"id": id, **_UNKNOWN, **known.get(id, {}), "indexed_version": versions.get(id)}
        for id in ids
        if id in known or id in versions
    ]
    return {"aggregates": found, "mongodb": _said(kept), "elasticsearch": _said(indexed)}


def _from_mongodb[T](ask: Callable[[Mongo], T]) -> T | None:
    """None: it does not answer."""
    try:
        with pymongo.timeout(PATIENCE_SECONDS):
            return ask(mongo.reading())
    except PyMongoError:
        return None


def _from_elasticsearch[T](ask: Callable[[Elasticsearch], T]) -> T | None:
    """None: it does not answer."""
    try:
        return ask(elastic.reading().options(request_timeout=PATIENCE_SECONDS))
    except (TransportError, ApiError):
        return None


def _said(answer: object) -> str:
    return DOWN if answer is None else UP


def _waiting(database: Mongo) -> dict[str, Any]:
    pointer = generations.read(database)
    if pointer is None:
        return {}
    since = dirty.oldest(database, pointer.live)
    age = None if since is None else max(0.0, round((clock.now() - since).total_seconds(), 1))
    return {
        "generation": pointer.live,
        "dirty": dirty.count(database, pointer.live),
        "aside": aside.count(database, pointer.live),
        "oldest_dirty_seconds": age,
    }


def _kept(database: Mongo, ids: Sequence[str]) -> Aggregates:
    generation = generations.live(database)
    if generation is None:
        return {}
    found: Aggregates = {}
    these = {"_id": {"$in": list(ids)}}
    for kind, (name, _) in BY_KIND.items():
        for one in collection(database, name, generation).find(these, {"version": 1, "deleted": 1}):
            found[one["_id"]] = {"kind": kind, "version": one["version"], "deleted": one["deleted"]}
    for entry in collection(database, "entries", generation).find(these, {"rev": 1}):
        found.setdefault(entry["_id"], {})["entry_rev"] = entry["rev"]
    return found


def _health(client: Elasticsearch) -> object:
    return client.cluster.health(timeout="500ms")


def _indexed(client: Elasticsearch, ids: Sequence[str]) -> dict[str, int]:
    """The version of each document that there is."""
    if not ids:
        _health(client)
        return {}
    index = generations.live_index(generations.last_known())
    answer = client.mget(index=index, ids=list(ids), source=False)
    return {one["_id"]: one["_version"] for one in answer["docs"] if one.get("found")}
