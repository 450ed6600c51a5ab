"""Components: the latest known state of every aggregate, replaced only by a newer version.

Events come in any order and more than once; the guard is in the write itself, so two workers cannot undo each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bson
from pydantic import ValidationError
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from apps.core.errors import ValidationFailed
from apps.outbox.digest import state_hash
from apps.outbox.envelope import CloudEvent
from apps.store_item import payloads
from catalog_services.store.stores.mongo import Mongo, collection, raise_unless_there

LOADED = {"data": 1, "version": 1}
_TYPE = re.compile(r"catalog\.[a-z]+\.([A-Za-z]+?)(Created|Updated|Deleted|Snapshot)\.v1")


@dataclass(frozen=True, slots=True)
class Component:
    """One aggregate's state at a version; ``data`` is None when it is deleted. ``kind`` is its collection."""

    kind: str
    id: str
    version: int
    data: dict[str, Any] | None
    hash: str = ""


def component_of(event: CloudEvent) -> Component | None:
    """The component an event tells of; None for events that tell of none the store keeps.

    Raises ``ValidationFailed`` for a payload that cannot be kept.
    """
    match = _TYPE.fullmatch(event.type)
    if match is None or match[1] not in payloads.BY_KIND:
        return None
    kind, model = payloads.BY_KIND[match[1]]
    if str(event.data.get("id", event.subject)) != event.subject:
        raise ValidationFailed(f"The event is about {event.subject}, its data about {event.data.get('id')}.")
    if event.aggregateversion < 0:
        raise ValidationFailed(f"Not a version: {event.aggregateversion}.")
    try:
        data = None if match[2] == "Deleted" else model.model_validate(event.data).model_dump()
        component = Component(kind, event.subject, event.aggregateversion, data, state_hash(event.data))
        bson.encode(_document(component))
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ValidationFailed(f"{event.type}: {where}") from error
    except (bson.errors.BSONError, OverflowError, ValueError, ArithmeticError) as error:
        raise ValidationFailed(f"{event.type} cannot be kept: {error}") from error
    return component


def _document(component: Component) -> dict[str, Any]:
    return {
        "_id": component.id,
        "version": component.version,
        "deleted": component.data is None,
        "hash": component.hash,
        "data": component.data,
    }


def upsert(database: Mongo, generation: str, components: Iterable[Component]) -> None:
    """Keep each component unless the same or a newer version is there; a deletion wins over its own version."""
    for kind, some in _by_kind(components).items():
        there = _replace(database, generation, kind, some, insert=True)
        # That an insert meets the id does not say of which version: an older one may have come just before it.
        _replace(database, generation, kind, there, insert=False)


def keep(database: Mongo, generation: str, components: Sequence[Component]) -> None:
    """The same as ``upsert`` where most are not there yet: all are inserted in one go, and only the others guarded."""
    for kind, some in _by_kind(components).items():
        try:
            collection(database, kind, generation).insert_many(map(_document, some), ordered=False)
        except BulkWriteError as error:
            raise_unless_there(error)
            upsert(database, generation, (some[e["index"]] for e in error.details["writeErrors"]))


def _by_kind(components: Iterable[Component]) -> dict[str, list[Component]]:
    found: dict[str, list[Component]] = {}
    for component in components:
        found.setdefault(component.kind, []).append(component)
    return found


def _replace(
    database: Mongo, generation: str, kind: str, components: Sequence[Component], *, insert: bool
) -> list[Component]:
    """Write each over an older version, or (``insert``) where there is none; gives those whose insert met the id."""
    if not components:
        return []
    writes = []
    for component in components:
        older = "$lte" if component.data is None else "$lt"
        document = _document(component)
        condition = {"_id": document.pop("_id"), "version": {older: component.version}}
        writes.append(UpdateOne(condition, {"$set": document}, upsert=insert))
    try:
        collection(database, kind, generation).bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        raise_unless_there(error)
        return [components[e["index"]] for e in error.details["writeErrors"]]
    return []


def load(database: Mongo, generation: str, kind: str, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The data of components that exist, by id, each with the ``version`` it is of."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    found = collection(database, kind, generation).find({"_id": {"$in": wanted}, "deleted": False}, LOADED)
    return {document["_id"]: loaded(document) for document in found}


def loaded(document: Mapping[str, Any]) -> dict[str, Any]:
    """A kept component's data (of a document with the fields ``LOADED``), with its ``version``."""
    data: dict[str, Any] = document["data"]
    return data | {"version": document["version"]}


def unmoved(database: Mongo, generation: str, kind: str, before: Mapping[str, dict[str, Any]]) -> set[str]:
    """Which of those that were loaded ``before`` are still there, and of the version that they were of."""
    found = collection(database, kind, generation).find(
        {"_id": {"$in": list(before)}, "deleted": False}, {"version": 1}
    )
    return {one["_id"] for one in found if one["version"] == before[one["_id"]]["version"]}


def deleted(database: Mongo, generation: str, kind: str, ids: Sequence[str]) -> set[str]:
    """Which of these are known to be deleted."""
    found = collection(database, kind, generation).find(
        {"_id": {"$in": list(ids)}, "deleted": True}, {"_id": 1}
    )
    return {document["_id"] for document in found}


def versions(database: Mongo, generation: str, kind: str, ids: Sequence[str]) -> dict[str, int]:
    """The version that is kept of each id, tombstones included; what is not known is left out."""
    found = collection(database, kind, generation).find({"_id": {"$in": list(ids)}}, {"version": 1})
    return {document["_id"]: int(document["version"]) for document in found}
