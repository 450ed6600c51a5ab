"""Entries: composed, rendered and kept in MongoDB, each with a ``rev`` that only grows.

An entry is ``{_id, rev, indexed_rev, visible, hash, etag, timed, body, fields, tokens, cheapest}``. ``body`` is
the item as JSON bytes, None for a tombstone. Visible is what is PUBLISHED; what is being published is composed and
hidden; all else becomes a tombstone. ``rev`` is Elasticsearch's external version, ``indexed_rev`` the one it
acknowledged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from catalog_services.store.projection import publications
from catalog_services.store.projection.components import load
from catalog_services.store.projection.compose import Components, Data, compose
from catalog_services.store.projection.fields import searchable
from catalog_services.store.stores.mongo import DUPLICATE_KEY, Document, Mongo, collection
from catalog_services.store.validity import is_timed

ANY_CURRENCY = "any"
_ATTEMPTS = 10


class Contended(Exception):
    """Other processes changed the same entries again and again; the marks stay and it is tried later."""


def refresh(database: Mongo, generation: str, ids: Iterable[str]) -> list[Document]:
    """Compose these offerings' entries again and keep what changed; gives the entries as they are now kept.

    An offering that never had an entry and needs none has none. An entry's ``rev`` is read before its components
    and is the condition of the write: who composed from older components loses and composes again.
    """
    entries = collection(database, "entries", generation)
    kept: dict[str, Document] = {}
    left = list(dict.fromkeys(ids))
    for _ in range(_ATTEMPTS):
        before = {entry["_id"]: entry for entry in entries.find({"_id": {"$in": left}})}
        composed = _compose(database, generation, left, before)
        changed = {id: entry for id, entry in composed.items() if entry != before.get(id)}
        kept.update({id: entry for id, entry in composed.items() if id not in changed})
        lost = _write(database, generation, before, changed)
        kept.update({id: entry for id, entry in changed.items() if id not in lost})
        left = sorted(lost)
        if not left:
            return list(kept.values())
    raise Contended(f"{len(left)} entries")


def _compose(
    database: Mongo, generation: str, ids: Sequence[str], before: dict[str, Document]
) -> dict[str, Document]:
    offerings = load(database, generation, "offerings", ids)
    prepared = publications.prepared(database, ids)
    shown = {
        id: offering
        for id, offering in offerings.items()
        if offering["lifecycle_status"] == "PUBLISHED"
        or (offering["lifecycle_status"] == "PUBLISHING" and id in prepared)
    }
    components = _load_components(database, generation, list(shown.values()))
    result: dict[str, Document] = {}
    for id in ids:
        old = before.get(id)
        if id in shown:
            content = _content(compose(id, shown[id], components), components)
        elif old is not None:
            content = tombstone()
        else:
            continue
        if old is not None and old["hash"] == content["hash"]:
            result[id] = old
        else:
            result[id] = {
                "_id": id,
                "rev": old["rev"] + 1 if old else 1,
                "indexed_rev": old["indexed_rev"] if old else 0,
                **content,
            }
    return result


def _content(item: Data, components: Components) -> Document:
    body = json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()
    fields = searchable(item, components.categories)
    visible = item["lifecycle_status"] == "PUBLISHED"
    # The hash covers what is derived too, so that a change of the language work is a change of the entry.
    digest = hashlib.sha256(body + json.dumps(fields, sort_keys=True).encode()).hexdigest()
    return {
        "visible": visible,
        "hash": digest,
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
    database: Mongo, generation: str, before: dict[str, Document], changed: dict[str, Document]
) -> set[str]:
    """Write entries on the condition that nobody else did since; gives the ids where somebody had."""
    if not changed:
        return set()
    order = list(changed)
    writes: list[InsertOne[Document] | UpdateOne] = []
    for id in order:
        new = {name: value for name, value in changed[id].items() if name != "_id"}
        if id in before:
            # Without upsert a lost condition matches nothing; the marker tells which ones those are.
            writes.append(UpdateOne({"_id": id, "rev": before[id]["rev"]}, {"$set": new}))
        else:
            writes.append(InsertOne({"_id": id, **new}))
    entries = collection(database, "entries", generation)
    try:
        entries.bulk_write(writes, ordered=False)
    except BulkWriteError as error:
        if any(e.get("code") != DUPLICATE_KEY for e in error.details.get("writeErrors", [])):
            raise
    now = {e["_id"]: e for e in entries.find({"_id": {"$in": order}}, {"rev": 1, "hash": 1})}
    return {
        id for id in order if (now[id]["rev"], now[id]["hash"]) != (changed[id]["rev"], changed[id]["hash"])
    }
