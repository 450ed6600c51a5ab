"""Entries: composed, rendered and kept in MongoDB, each with a ``rev`` that only grows.

An entry is ``{_id, rev, visible, hash, etag, timed, body, fields, tokens, cheapest}``. ``body`` is the item as JSON
bytes, None for a tombstone. Visible is what is PUBLISHED; what is being published is composed and hidden; all else
becomes a tombstone. ``rev`` is Elasticsearch's external version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import orjson
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from apps.store_item.compose import Components, Data, compose, made_of
from apps.store_item.validity import is_timed
from catalog_services.store.projection import publications
from catalog_services.store.projection.components import load, unmoved
from catalog_services.store.projection.fields import searchable
from catalog_services.store.stores.mongo import Document, Mongo, collection, raise_unless_there

ANY_CURRENCY = "any"
_NEW: tuple[int, str | None] = (0, None)
_ATTEMPTS = 10


class Contended(Exception):
    """Other processes changed the same entries again and again."""


def refresh(
    database: Mongo, generation: str, ids: Iterable[str], *, unseen: Mapping[str, Data] | None = None
) -> list[Document]:
    """Compose these offerings' entries again and keep what changed; gives the entries as they are now kept.

    An offering that never had an entry and needs none has none. An entry's ``rev`` is read before its components
    and is the condition of the write: who composed from older components loses and composes again. ``unseen`` are
    offerings as they were read whose entries most likely are not there yet: that is the condition of their write, so
    nothing has to be read. Who asks so looks afterwards for what was retired meanwhile (``_moved``). Raises
    ``Contended``.
    """
    kept: list[Document] = []
    left = list(dict.fromkeys(ids))
    for attempt in range(_ATTEMPTS):
        read = unseen if attempt == 0 else None
        before = _states(database, generation, left) if read is None else {}
        offerings = load(database, generation, "offerings", left) if read is None else read
        composed = _contents(database, generation, left, before.keys(), offerings)
        revs = {id: before.get(id, _NEW)[0] for id in composed}
        changed = {id: entry for id, entry in composed.items() if entry["hash"] != before.get(id, _NEW)[1]}
        lost = _write(database, generation, revs, changed)
        if read is None:
            new = {id: offerings[id] for id in changed.keys() - lost if not revs[id]}
            lost |= _moved(database, generation, new)
        kept += (
            {"_id": id, "rev": revs[id] + (id in changed), **entry}
            for id, entry in composed.items()
            if id not in lost
        )
        left = sorted(lost)
        if not left:
            return kept
    raise Contended(f"{len(left)} entries")


def _moved(database: Mongo, generation: str, offerings: Mapping[str, Data]) -> set[str]:
    """Those of new entries' offerings that are not as they were read.

    Who retired one meanwhile found no entry and left none, so that nothing stood in the way of this one.
    """
    if not offerings:
        return set()
    return set(offerings) - unmoved(database, generation, "offerings", offerings)


def _states(database: Mongo, generation: str, ids: Sequence[str]) -> dict[str, tuple[int, str | None]]:
    """``(rev, hash)`` of the entries there are, by id."""
    found = collection(database, "entries", generation).find({"_id": {"$in": ids}}, {"rev": 1, "hash": 1})
    return {entry["_id"]: (entry["rev"], entry["hash"]) for entry in found}


def contents(
    database: Mongo, generation: str, ids: Sequence[str], known: Container[str]
) -> dict[str, Document]:
    """What the entries of these offerings should hold, but for ``rev``; ``known`` are those that have one already.

    An offering that needs no entry and has none is left out.
    """
    return _contents(database, generation, ids, known, load(database, generation, "offerings", ids))


def _contents(
    database: Mongo, generation: str, ids: Sequence[str], known: Container[str], offerings: Mapping[str, Data]
) -> dict[str, Document]:
    prepared = publications.prepared(database, ids)
    shown = {
        id: offering
        for id in ids
        if (offering := offerings.get(id))
        if offering["lifecycle_status"] == "PUBLISHED"
        or (offering["lifecycle_status"] == "PUBLISHING" and id in prepared)
    }
    components = _load_components(database, generation, list(shown.values()))
    result: dict[str, Document] = {}
    for id in ids:
        if id in shown:
            result[id] = _content(id, shown[id], components)
        elif id in known:
            result[id] = tombstone()
    return result


def _content(id: str, offering: Data, components: Components) -> Document:
    item = compose(id, offering, components)
    body = orjson.dumps(item)
    fields = searchable(item, components.categories)
    # What is derived is in it, so that a change of the language work is a change of the entry. So are the versions: who
    # composes the same from newer components has a write, too, against which one from older components loses.
    hashed = orjson.dumps([fields, made_of(id, offering, components)], option=orjson.OPT_SORT_KEYS)
    return {
        "visible": item["lifecycle_status"] == "PUBLISHED",
        "hash": hashlib.sha256(body + hashed).hexdigest(),
        "etag": etag_of(body),
        "timed": is_timed(item),
        "body": body,
        "fields": fields,
        "tokens": sorted(set(fields["stems"].split())),
        "cheapest": _cheapest(fields["prices"]),
    }


def etag_of(body: bytes) -> str:
    """An item's ETag, without its quotes."""
    return hashlib.sha256(body).hexdigest()[:32]


def tombstone() -> Document:
    """The content of an entry that shows nothing."""
    empty: Document = {"visible": False, "hash": "", "etag": "", "timed": False, "body": None}
    return {**empty, "fields": {}, "tokens": [], "cheapest": {}}


def _cheapest(prices: list[Data]) -> dict[str, float]:
    """The lowest price by currency and over all: what MongoDB sorts by when it stands in for Elasticsearch."""
    lowest: dict[str, float] = {}
    for price in prices:
        for key in (price["currency"], ANY_CURRENCY):
            lowest[key] = min(price["value"], lowest.get(key, price["value"]))
    return lowest


def _load_components(database: Mongo, generation: str, offerings: list[Data]) -> Components:
    def of(kind: str, ids: Iterable[str]) -> dict[str, Any]:
        return load(database, generation, kind, ids)

    def named(field: str) -> Iterable[str]:
        return chain.from_iterable(offering[field] for offering in offerings)

    specifications = of("specifications", named("specification_ids"))
    used = chain.from_iterable(specification["characteristics"] for specification in specifications.values())
    members = chain.from_iterable(offering["bundled_offerings"] for offering in offerings)
    return Components(
        characteristics=of("characteristics", (use["id"] for use in used)),
        specifications=specifications,
        prices=of("prices", named("pricing_ids")),
        categories=_with_ancestors(database, generation, named("category_ids")),
        catalogs=of("catalogs", named("catalog_ids")),
        members=of("offerings", (member["id"] for member in members)),
    )


def _with_ancestors(database: Mongo, generation: str, ids: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    level = set(ids)
    while level:
        loaded = load(database, generation, "categories", level)
        found.update(loaded)
        level = {c["parent_id"] for c in loaded.values() if c["parent_id"]} - found.keys()
    return found


def _write(
    database: Mongo, generation: str, revs: Mapping[str, int], changed: Mapping[str, Document]
) -> set[str]:
    """Write entries on the condition that ``revs`` (0: not there) still hold; gives the ids where they did not."""
    if not changed:
        return set()
    writes: list[InsertOne[Document] | UpdateOne] = []
    for id, content in changed.items():
        new = {"rev": revs[id] + 1, **content}
        if revs[id]:
            writes.append(UpdateOne({"_id": id, "rev": revs[id]}, {"$set": new}))
        else:
            writes.append(InsertOne({"_id": id, **new}))
    try:
        result = collection(database, "entries", generation).bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        raise_unless_there(error)
    else:
        if result.matched_count + result.inserted_count == len(changed):
            return set()
    now = _states(database, generation, list(changed))
    return {id for id, content in changed.items() if now.get(id) != (revs[id] + 1, content["hash"])}
