"""Entries into Elasticsearch: one bulk, each document under its entry's ``rev`` as external version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from elasticsearch import Elasticsearch, helpers

from catalog_services.store.projection import dirty
from catalog_services.store.stores import elastic
from catalog_services.store.stores.availability import StoreDown
from catalog_services.store.stores.generations import Pointer
from catalog_services.store.stores.mongo import Document, Mongo, collection

log = structlog.get_logger(__name__)

_CURRENT = re.compile(r"current version \[(\d+)\]")

REBUILD_NEEDED = "rebuild_needed"
"""The document that says that MongoDB lost writes (it was restored from a copy): only a rebuild puts that right."""


def ensure(database: Mongo, client: Elasticsearch, pointer: Pointer) -> None:
    """Make the indexes of the generations that are written to when they are missing, and have them filled again.

    What fills an index is marked before it is made: one whose making got no answer is there the next time, and nobody
    would see that it is empty. Raises the client's errors.
    """
    for generation in pointer.written:
        if elastic.adopt_index(client, generation):
            continue
        if any(collection(database, kind, generation).find_one() for kind in ("offerings", "entries")):
            dirty.mark(database, generation, dirty.EVERYTHING)
        elastic.ensure_index(client, generation)
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


def index(
    database: Mongo, client: Elasticsearch, generation: str, entries: Sequence[Document]
) -> dict[str, str]:
    """Bring these entries to Elasticsearch; gives the ids of those it refuses for what is in them, and why.

    A 409 means that it has this rev or a newer one, which is success. Raises the client's errors when it is down, and
    ``StoreDown`` when it takes no writes (a full disk, or the index is not there).
    """
    refused = _send(database, client, generation, entries)
    if refused:
        # Its fields may have gone with an index that another process made anew: look again, once.
        elastic.forget(generation)
        again = [entry for entry in entries if entry["_id"] in refused]
        refused = _send(database, client, generation, again)
    return refused


def _send(
    database: Mongo, client: Elasticsearch, generation: str, entries: Sequence[Document]
) -> dict[str, str]:
    if not entries:
        return {}
    numbers = elastic.ensure_numbers(client, generation, _number_fields(entries))
    actions = [_action(generation, entry, numbers) for entry in entries]
    refused: dict[str, str] = {}
    behind: dict[str, int] = {}
    for ok, result in helpers.streaming_bulk(
        client, actions, raise_on_error=False, raise_on_exception=True, require_alias=True
    ):
        if ok:
            continue
        id, status, error = (result["index"][name] for name in ("_id", "status", "error"))
        if status == HTTPStatus.CONFLICT:
            behind[id] = int(_CURRENT.search(error["reason"])[1])  # type: ignore[index]
        elif status == HTTPStatus.BAD_REQUEST:
            refused[id] = f"{error['type']}: {error['reason']}"
        else:
            raise StoreDown(f"Elasticsearch takes no writes: {error['type']}: {error['reason']}")
    met = [entry for entry in entries if entry["_id"] in behind]
    ahead = [{**entry, "rev": behind[entry["_id"]]} for entry in met if behind[entry["_id"]] > entry["rev"]]
    level = [entry for entry in met if behind[entry["_id"]] == entry["rev"]]
    again = _overtake(database, generation, ahead) + _tell_apart(database, client, generation, level)
    return refused | _send(database, client, generation, again)


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
        "_index": elastic.write_alias(generation),
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


def _tell_apart(
    database: Mongo, client: Elasticsearch, generation: str, level: Sequence[Document]
) -> list[Document]:
    """Of entries whose rev the index has, too, those that it has with other content, now one rev above; gives those.

    A MongoDB that fails over takes back what no majority had, and somebody may have indexed that. The next change then
    gets the same rev.
    """
    if not level:
        return []
    found = client.mget(
        index=elastic.index_name(generation), ids=[entry["_id"] for entry in level], source_includes=["hash"]
    )
    indexed = {one["_id"]: one["_source"]["hash"] for one in found["docs"] if one.get("found")}
    above: list[Document] = []
    for entry in level:
        mine = {"_id": entry["_id"], "rev": entry["rev"], "hash": entry["hash"]}
        if indexed.get(entry["_id"]) != entry["hash"]:
            moved = collection(database, "entries", generation).update_one(mine, {"$inc": {"rev": 1}})
            if moved.modified_count:  # else another process is ahead
                above.append({**entry, "rev": entry["rev"] + 1})
    return above


def _overtake(database: Mongo, generation: str, ahead: Sequence[Document]) -> list[Document]:
    """Give entries a newer rev where it is really behind the index's (which ``ahead`` has); gives those.

    Usually another process was faster and MongoDB has the newer rev. When it has not, MongoDB lost writes (it was
    restored from a copy): the entry is written again above the index's rev, and the store asks for a rebuild.
    """
    lost: list[Document] = []
    for entry in ahead:
        id, rev = entry["_id"], entry["rev"]
        again = collection(database, "entries", generation).update_one(
            {"_id": id, "rev": {"$lt": rev}}, {"$set": {"rev": rev + 1}}
        )
        if again.modified_count:
            lost.append({**entry, "rev": rev + 1})
    if lost:
        ask_for_rebuild(database, "Elasticsearch has newer entries than MongoDB, which lost writes.")
    return lost
