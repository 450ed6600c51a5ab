"""The store against the write side: every aggregate's version and hash, page by page."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import batched

from pymongo import UpdateOne

from apps.core.joining import joined
from apps.references.digests import Pages
from apps.store_item.payloads import BY_KIND
from catalog_services.store.projection import aside, dirty
from catalog_services.store.projection.components import upsert, versions
from catalog_services.store.projection.drain import work_off
from catalog_services.store.projection.entries import tombstone
from catalog_services.store.rebuild.checks import compare_contents
from catalog_services.store.rebuild.joining import by_id
from catalog_services.store.rebuild.report import Report, Say
from catalog_services.store.rebuild.runner import components_in
from catalog_services.store.rebuild.snapshots import Batch, Snapshots
from catalog_services.store.stores import elastic
from catalog_services.store.stores.mongo import Mongo, collection

KINDS = {
    "Characteristic": "characteristic",
    "Specification": "specification",
    "Price": "pricing",
    "Category": "offering",
    "Catalog": "offering",
    "Offering": "offering",
    "SynonymSet": "offering",
}
"""Kind as in event types -> the service that owns it."""

_PASSES, _PAUSE_SECONDS = 3, 1.0
_PAGE = 1000


@dataclass(slots=True)
class Differences:
    """Ids by kind: what the write side has and the store has not, has differently, or should not have.

    ``entries`` are those that are not, in both MongoDB and Elasticsearch, what their components make, with their rev
    in Elasticsearch (or 0). ``aside`` are those that could not be brought there, with the reason.
    """

    missing: dict[str, set[str]] = field(default_factory=dict)
    different: dict[str, set[str]] = field(default_factory=dict)
    extra: dict[str, set[str]] = field(default_factory=dict)
    entries: dict[str, int] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def of(self, kind: str) -> set[str]:
        return self.missing.get(kind, set()) | self.different.get(kind, set()) | self.extra.get(kind, set())

    @property
    def same(self) -> bool:
        return not (self.entries or self.aside or any(self.of(kind) for kind in KINDS))


def compare(database: Mongo, generation: str, *, pages: Pages, say: Say) -> Differences:
    """What differs three times in a row: what is only on its way does not count."""
    found = _compare_once(database, generation, pages, say)
    for _ in range(_PASSES - 1):
        if found.same:
            break
        time.sleep(_PAUSE_SECONDS)
        again = _compare_once(database, generation, pages, say)
        for part in (again.missing, again.different, again.extra):
            for kind in part:
                part[kind] &= found.of(kind)
        again.entries = {id: version for id, version in again.entries.items() if id in found.entries}
        again.aside = {id: reason for id, reason in again.aside.items() if id in found.aside}
        found = again
    return found


def _compare_once(database: Mongo, generation: str, pages: Pages, say: Say) -> Differences:
    found = Differences()
    for kind, service in KINDS.items():
        _compare_kind(generation, kind, pages(service, kind), found)
        say(BY_KIND[kind][0], found.counts[kind], found.counts[kind])
    found.entries = compare_contents(database, elastic.writing(), generation).wrong
    found.aside = aside.reasons(database, generation)
    return found


def _compare_kind(
    generation: str, kind: str, pages: Iterable[list[dict[str, str]]], found: Differences
) -> None:
    kept = by_id(BY_KIND[kind][0], generation, {"version": 1, "hash": 1}, {"deleted": False})
    owned = ((str(entry["id"]), entry) for page in pages for entry in page)
    found.counts[kind] = 0
    for id, here, there in joined(kept, owned):
        found.counts[kind] += there is not None
        if there is None:
            found.extra.setdefault(kind, set()).add(id)
        elif here is None:
            found.missing.setdefault(kind, set()).add(id)
        elif (here["version"], here["hash"]) != (int(there["version"]), there["hash"]):
            found.different.setdefault(kind, set()).add(id)


def repair(
    database: Mongo, generation: str, found: Differences, *, rebuild_id: str, source: Snapshots, say: Say
) -> Report:
    """Bring the owners' state of what differs, compose everything again, and write again what is wrong.

    Raises ``Timeout`` when an owner sends nothing: then what came is kept, and all else is as it was.
    """
    services = sorted({KINDS[kind] for kind in KINDS if found.of(kind)})
    report = Report(generation=generation)
    try:
        if services:
            with _distrusted(database, generation, found):
                _bring(database, report, services, found, rebuild_id=rebuild_id, source=source)
        _overtake_index(database, generation, found.entries)
    finally:
        mark = dirty.mark(database, generation, dirty.EVERYTHING)
    say("entries", work_off(database, generation, [mark], seconds=math.inf) or 0, None)
    return report


_DISTRUSTED = -1
_NO_HASH = "to be composed again"


@contextmanager
def _distrusted(database: Mongo, generation: str, found: Differences) -> Iterator[None]:
    """Within the block whatever version comes is newer than what differs; until then that is shown as it is. What
    nothing came for has its version again afterwards: without one no event could be told to be older, and whatever
    waits for a version would wait in vain."""
    known: dict[str, dict[str, int]] = {}
    for kind in KINDS:
        name = BY_KIND[kind][0]
        known[name] = {}
        for page in batched(sorted(found.of(kind)), _PAGE):
            known[name] |= versions(database, generation, name, page)
    try:
        for name, some in known.items():
            _set_versions(database, generation, name, {id: (some[id], _DISTRUSTED) for id in some})
        yield
    finally:
        for name, some in known.items():
            _set_versions(database, generation, name, {id: (_DISTRUSTED, some[id]) for id in some})


def _set_versions(
    database: Mongo, generation: str, name: str, changes: Mapping[str, tuple[int, int]]
) -> None:
    """From one version to another, by id; what has another one by now keeps it."""
    if changes:
        writes = [
            UpdateOne({"_id": id, "version": now}, {"$set": {"version": then}})
            for id, (now, then) in changes.items()
        ]
        collection(database, name, generation).bulk_write(writes, ordered=False)


def _bring(
    database: Mongo,
    report: Report,
    services: Sequence[str],
    found: Differences,
    *,
    rebuild_id: str,
    source: Snapshots,
) -> None:
    source.request(rebuild_id, services)
    try:
        _take_in(database, report, services, source.batches(rebuild_id))
    finally:
        source.close(rebuild_id)
    _take_out(database, report.generation, found)


def _take_in(database: Mongo, report: Report, services: Sequence[str], batches: Iterable[Batch]) -> None:
    left = set(services)
    for batch in batches:
        upsert(database, report.generation, components_in(batch, report))
        if batch.count is not None:
            left.discard(batch.source)
        if not left:
            return


def _take_out(database: Mongo, generation: str, found: Differences) -> None:
    """What no owner knows of."""
    for kind, ids in found.extra.items():
        for page in batched(sorted(ids), _PAGE):
            unknown = {"_id": {"$in": page}, "version": _DISTRUSTED}
            collection(database, BY_KIND[kind][0], generation).delete_many(unknown)


def _overtake_index(database: Mongo, generation: str, indexed: Mapping[str, int]) -> None:
    """What is wrong is composed again under a rev above the index's; what only the index has becomes a tombstone."""
    entries = collection(database, "entries", generation)
    for id, rev in indexed.items():
        empty = {name: value for name, value in tombstone().items() if name != "hash"}
        again = {"$max": {"rev": rev}, "$set": {"hash": _NO_HASH}, "$setOnInsert": empty}
        entries.update_one({"_id": id}, again, upsert=True)
        # By two: a document that somebody deleted by hand left a version one above its own.
        entries.update_one({"_id": id}, {"$inc": {"rev": 2}})
