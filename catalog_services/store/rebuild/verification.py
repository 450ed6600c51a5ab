"""The store against the write side: every aggregate's version and hash, page by page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from apps.access.service_token import bearer_for_service
from apps.core.errors import Unavailable
from catalog_services.store.projection import dirty
from catalog_services.store.projection.components import upsert
from catalog_services.store.projection.drain import drain
from catalog_services.store.projection.entries import tombstone
from catalog_services.store.projection.payloads import BY_KIND
from catalog_services.store.rebuild.checks import compare_stores
from catalog_services.store.rebuild.runner import Report, Say, components_in
from catalog_services.store.rebuild.snapshots import Batch, Snapshots
from catalog_services.store.stores import elastic
from catalog_services.store.stores.mongo import Mongo, collection
from config import env
from config.services import SERVICES

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

PAGE_TIMEOUT_SECONDS = 30.0
_PASSES, _PAUSE_SECONDS = 3, 1.0

Pages = Callable[[str, str], Iterator[list[dict[str, str]]]]
"""``(service, kind)`` -> pages of ``{"id", "version", "hash"}`` in order of id."""


@dataclass(slots=True)
class Differences:
    """Ids by kind: what the write side has and the store has not, has differently, or should not have.

    ``entries`` are those that differ between MongoDB and Elasticsearch, with their rev in Elasticsearch (or 0).
    """

    missing: dict[str, set[str]] = field(default_factory=dict)
    different: dict[str, set[str]] = field(default_factory=dict)
    extra: dict[str, set[str]] = field(default_factory=dict)
    entries: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def of(self, kind: str) -> set[str]:
        return self.missing.get(kind, set()) | self.different.get(kind, set()) | self.extra.get(kind, set())

    @property
    def same(self) -> bool:
        return not self.entries and not any(self.of(kind) for kind in KINDS)


def digest_pages(service: str, kind: str) -> Iterator[list[dict[str, str]]]:
    """A write service's digest over HTTP, with this service's token. Raises ``Unavailable``."""
    url = f"{env.service_url(service)}{SERVICES[service].api_root}/digest"
    after = ""
    with httpx.Client(timeout=PAGE_TIMEOUT_SECONDS, trust_env=False) as client:
        while True:
            parameters = {"kind": kind, **({"after": after} if after else {})}
            headers = {"Authorization": f"Bearer {bearer_for_service()}"}
            try:
                response = client.get(url, params=parameters, headers=headers)
                response.raise_for_status()
            except httpx.HTTPStatusError as error:
                status = HTTPStatus(error.response.status_code).phrase
                raise Unavailable(f"The digest of {service} answers {status}.") from error
            except httpx.HTTPError as error:
                raise Unavailable(f"The {service} service does not answer.") from error
            page: list[dict[str, str]] = response.json()
            if not page:
                return
            yield page
            after = page[-1]["id"]


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
        found = again
    return found


def _compare_once(database: Mongo, generation: str, pages: Pages, say: Say) -> Differences:
    found = Differences()
    for kind, service in KINDS.items():
        name = BY_KIND[kind][0]
        kept = {
            document["_id"]: (document["version"], document["hash"])
            for document in collection(database, name, generation).find(
                {"deleted": False}, {"version": 1, "hash": 1}
            )
        }
        owned: set[str] = set()
        for page in pages(service, kind):
            for entry in page:
                id, state = str(entry["id"]), (int(entry["version"]), entry["hash"])
                owned.add(id)
                if id not in kept:
                    found.missing.setdefault(kind, set()).add(id)
                elif kept[id] != state:
                    found.different.setdefault(kind, set()).add(id)
            say(name, len(owned), None)
        found.extra[kind] = kept.keys() - owned
        found.counts[kind] = len(owned)
        say(name, len(owned), len(owned))
    found.entries = compare_stores(database, elastic.writing(), generation).wrong
    return found


def repair(
    database: Mongo, generation: str, found: Differences, *, rebuild_id: str, source: Snapshots, say: Say
) -> Report:
    """Take what differs out and the owners' state of it in, compose everything again, and index what differs."""
    services = sorted({KINDS[kind] for kind in KINDS if found.of(kind)})
    report = Report(generation=generation)
    if services:
        source.request(rebuild_id, services)
        try:
            _take_out(database, generation, found)
            _take_in(database, report, services, source.batches(rebuild_id))
        finally:
            source.close(rebuild_id)
    _overtake_index(database, generation, found.entries)
    total = dirty.mark_all(database, generation)
    while drain(database, generation, seconds=1.0):
        say("entries", total - dirty.count(database, generation), total)
    return report


def _take_out(database: Mongo, generation: str, found: Differences) -> None:
    for kind in KINDS:
        wrong = {"_id": {"$in": sorted(found.of(kind))}}
        collection(database, BY_KIND[kind][0], generation).delete_many(wrong)


def _take_in(database: Mongo, report: Report, services: Sequence[str], batches: Iterable[Batch]) -> None:
    left = set(services)
    for batch in batches:
        upsert(database, report.generation, components_in(batch, report))
        if batch.count is not None:
            left.discard(batch.source)
        if not left:
            return


def _overtake_index(database: Mongo, generation: str, indexed: Mapping[str, int]) -> None:
    """What differs is written again under a rev above the index's; what only the index has becomes a tombstone."""
    entries = collection(database, "entries", generation)
    for id, rev in indexed.items():
        again = {"$max": {"rev": rev}, "$set": {"indexed_rev": 0}, "$setOnInsert": tombstone()}
        entries.update_one({"_id": id}, again, upsert=True)
        # By two: a document that somebody deleted by hand left a version one above its own.
        entries.update_one({"_id": id}, {"$inc": {"rev": 2}})
