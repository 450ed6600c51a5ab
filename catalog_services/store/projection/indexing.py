"""Entries into Elasticsearch: one bulk, each document under its entry's ``rev`` as external version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from elasticsearch import Elasticsearch, helpers
from pymongo import UpdateOne

from catalog_services.store.projection import dirty
from catalog_services.store.stores import elastic
from catalog_services.store.stores.generations import Pointer
from catalog_services.store.stores.mongo import Document, Mongo, collection

log = structlog.get_logger(__name__)

_CURRENT = re.compile(r"current version \[(\d+)\]")
_CONFLICT = 409

REBUILD_NEEDED = "rebuild_needed"
"""The document that says that MongoDB lost writes (it was restored from a copy): only a rebuild puts that right."""


def ensure(database: Mongo, client: Elasticsearch, pointer: Pointer) -> None:
    """Make the indexes of the generations that are written to when they are missing, and have them filled again.

    A bulk into an index that is not there would make one without our mapping. Raises the client's errors.
    """
    for generation in pointer.written:
        if elastic.ensure_index(client, generation):
            collection(database, "entries", generation).update_many({}, {"$set": {"indexed_rev": 0}})
            dirty.mark_all(database, generation)
            look_for_loss(database, client, pointer)


def look_for_loss(database: Mongo, client: Elasticsearch, pointer: Pointer) -> None:
    """Point the alias to the live index. When it meant one that MongoDB knows nothing of, MongoDB lost data."""
    holders = elastic.alias_holders(client)
    known = {elastic.index_name(g) for g in (*pointer.written, pointer.previous) if g}
    if holders - known:
        ask_for_rebuild(database, "Elasticsearch's live index is one that MongoDB knows nothing of.")
    elastic.point_alias(client, pointer.live)


def ask_for_rebuild(database: Mongo, reason: str) -> None:
    """Have the worker rebuild the store as soon as it can (``maintenance.py``)."""
    log.error("a rebuild is needed", reason=reason)
    database["meta"].update_one({"_id": REBUILD_NEEDED}, {"$set": {"reason": reason}}, upsert=True)


def index(database: Mongo, client: Elasticsearch, generation: str, entries: Sequence[Document]) -> set[str]:
    """Bring these entries to Elasticsearch where it does not have them yet; gives the ids that it has now.

    A 409 means that it has this rev or a newer one, which is success. Raises the client's errors when it is down.
    """
    acknowledged = {entry["_id"] for entry in entries if entry["indexed_rev"] == entry["rev"]}
    pending = {entry["_id"]: entry for entry in entries if entry["_id"] not in acknowledged}
    if not pending:
        return acknowledged
    numbers = elastic.ensure_numbers(client, generation, _number_fields(pending.values()))
    actions = [_action(generation, entry, numbers) for entry in pending.values()]
    done: set[str] = set()
    behind: dict[str, int] = {}
    for ok, result in helpers.streaming_bulk(client, actions, raise_on_error=False, raise_on_exception=True):
        outcome = result["index"]
        if ok:
            done.add(outcome["_id"])
        elif outcome["status"] == _CONFLICT:
            done.add(outcome["_id"])
            current = int(_CURRENT.search(outcome["error"]["reason"])[1])  # type: ignore[index]
            if current > pending[outcome["_id"]]["rev"]:
                behind[outcome["_id"]] = current
        else:
            # Its fields may have gone with an index that another process made anew: look again next time.
            elastic.forget(generation)
            log.error("document refused by the index", id=outcome["_id"], error=str(outcome["error"])[:500])
    done -= _overtake(database, generation, behind)
    _remember(database, generation, [pending[id] for id in done])
    return acknowledged | done


def _number_fields(entries: Iterable[Document]) -> set[elastic.NumberField]:
    return {
        (key, unit)
        for entry in entries
        if entry["visible"]
        for key, by in entry["fields"]["numbers"].items()
        for unit in by
    }


def _action(generation: str, entry: Document, numbers: set[elastic.NumberField]) -> dict[str, Any]:
    return {
        "_op_type": "index",
        "_index": elastic.index_name(generation),
        "_id": entry["_id"],
        "version": entry["rev"],
        "version_type": "external",
        "_source": document(entry, numbers),
    }


def document(entry: Document, numbers: set[elastic.NumberField]) -> dict[str, Any]:
    """An entry as it is indexed; a hidden one shows nothing, not even its words to the suggester."""
    head = {"id": entry["_id"], "visible": entry["visible"], "hash": entry["hash"]}
    if not entry["visible"]:
        return head
    fields = entry["fields"]
    governed: dict[str, dict[str, list[float]]] = {}
    for key, by in fields["numbers"].items():
        for unit, values in by.items():
            if (key, unit) in numbers:
                governed.setdefault(key, {})[unit] = values
    body = entry["body"].decode()
    return {
        **head,
        **fields,
        "numbers": governed,
        "body": body,
        "etag": entry["etag"],
        "timed": entry["timed"],
    }


def _remember(database: Mongo, generation: str, entries: Sequence[Document]) -> None:
    if entries:
        collection(database, "entries", generation).bulk_write(
            [
                UpdateOne({"_id": e["_id"], "rev": e["rev"]}, {"$set": {"indexed_rev": e["rev"]}})
                for e in entries
            ],
            ordered=False,
        )


def _overtake(database: Mongo, generation: str, behind: dict[str, int]) -> set[str]:
    """Entries whose rev is really behind the index's get a newer one; gives their ids.

    Usually another process was faster and MongoDB has the newer rev. When it has not, MongoDB lost writes (it was
    restored from a copy): the entry is written again above the index's rev, and the store asks for a rebuild.
    """
    lost: set[str] = set()
    for id, current in behind.items():
        result = collection(database, "entries", generation).update_one(
            {"_id": id, "rev": {"$lt": current}}, {"$set": {"rev": current + 1}}
        )
        if result.modified_count:
            lost.add(id)
    if lost:
        ask_for_rebuild(database, "Elasticsearch has newer entries than MongoDB, which lost writes.")
    return lost
