"""The rebuild: a new generation, filled from snapshots and live events, checked, and then switched to.

Until the switch the live generation is not touched, so a rebuild may be killed at any moment; the next one
removes what it left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import batched, chain

import structlog
from elastic_transport import TransportError
from elasticsearch import ApiError
from pymongo.errors import PyMongoError

from apps.core.errors import Conflict, ValidationFailed
from catalog_services.store.projection import dirty, indexing
from catalog_services.store.projection.bringing import PAGE, bring
from catalog_services.store.projection.components import LOADED, Component, component_of, keep, loaded
from catalog_services.store.projection.compose import Data
from catalog_services.store.projection.drain import drain
from catalog_services.store.projection.entries import refresh
from catalog_services.store.rebuild.checks import Comparison, compare_stores
from catalog_services.store.rebuild.joining import by_id
from catalog_services.store.rebuild.snapshots import Batch, Snapshots
from catalog_services.store.stores import elastic, generations, mongo
from catalog_services.store.stores.availability import ELASTICSEARCH, StoreDown
from catalog_services.store.stores.leases import Lease
from catalog_services.store.stores.mongo import Document, Mongo

log = structlog.get_logger(__name__)

LEASE_SECONDS = 6.0
PATIENCE_SECONDS = LEASE_SECONDS + 3
_CATCH_UP_ROUNDS = 50
_NOT_PUBLISHED = {"data.lifecycle_status": {"$ne": "PUBLISHED"}}
_LOOKS = 5
_PAUSE_SECONDS = 1.0
ELASTICSEARCH_SECONDS = 60.0
"""How long a rebuild that is nearly done waits for Elasticsearch."""


class RebuildFailed(Exception):
    """The new generation is not whole; the live one goes on."""


Say = Callable[[str, int, int | None], None]
"""``(what, how many so far, of how many or None)``: called often."""


@dataclass(slots=True)
class Report:
    """What a rebuild did."""

    generation: str = ""
    received: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    entries: int = 0
    visible: int = 0
    seconds: float = 0.0


def rebuild(*, source: Snapshots, services: Sequence[str], say: Say, rehearse: bool = False) -> Report:
    """Build a generation from the state of ``services`` and make it the live one; ``rehearse`` removes it instead.

    Raises ``Conflict`` while another rebuild runs, ``Timeout`` when a service sends nothing, ``RebuildFailed`` when
    counts or hashes are wrong.
    """
    database = mongo.writing()
    started = time.monotonic()
    lease = Lease("rebuild", seconds=LEASE_SECONDS)
    # A killed rebuild's lease ends by itself: wait for that long before saying that there is another one.
    while not lease.take(database):
        waited = time.monotonic() - started
        if waited > PATIENCE_SECONDS:
            raise Conflict("Another rebuild is running.")
        say("waiting for another rebuild's lease", int(waited), int(PATIENCE_SECONDS))
        time.sleep(_PAUSE_SECONDS)
    with lease.kept(database):
        report = _begun(database, source)
        try:
            _build(database, source, services, report=report, say=say)
        except BaseException:  # events would go into it for ever
            with suppress(PyMongoError, TransportError, ApiError):
                _abandon(database, report.generation)
            raise
        (_abandon if rehearse else _go_live)(database, report.generation)
    report.seconds = time.monotonic() - started
    return report


def _begun(database: Mongo, source: Snapshots) -> Report:
    """Of a generation that events go into from now on, beside the live one."""
    left_over = generations.ensure(database).building
    if left_over:
        source.close(left_over)
    return Report(generation=generations.start_building(database, elastic.writing()))


def _build(database: Mongo, source: Snapshots, services: Sequence[str], *, report: Report, say: Say) -> None:
    """Until it is whole."""
    client = elastic.writing()
    elastic.pause_refresh(client, report.generation)
    # From here on live events go into both generations; snapshots asked for now hold all that came before.
    source.request(report.generation, services)
    try:
        _load(database, source, services, report=report, say=say)
    finally:
        source.close(report.generation)
    _compose(database, report.generation, say)
    _check(database, report, say)
    _patiently(lambda: elastic.resume_refresh(client, report.generation))


def _go_live(database: Mongo, generation: str) -> None:
    if not generations.switch(database, generation):
        raise Conflict("Another rebuild took over.")
    database["meta"].delete_one({"_id": indexing.REBUILD_NEEDED})
    try:
        elastic.point_alias(elastic.writing(), generation)
        generations.tidy(database, elastic.writing())
    except (PyMongoError, TransportError, ApiError) as error:
        # It is live. The alias follows by itself (`look_for_loss`), and the next rebuild tidies up.
        log.warning("old generations are left", reason=f"{type(error).__name__}: {error}")


def _abandon(database: Mongo, generation: str) -> None:
    generations.stop_building(database, elastic.writing(), generation)


def _load(database: Mongo, source: Snapshots, services: Sequence[str], *, report: Report, say: Say) -> None:
    """Components of all services, newer live ones kept.

    Raises ``RebuildFailed`` when some got lost on the way.
    """
    report.received = dict.fromkeys(services, 0)
    announced: dict[str, int] = {}
    for batch in source.batches(report.generation):
        if batch.source not in report.received:
            continue
        keep(database, report.generation, components_in(batch, report))
        if batch.start == report.received[batch.source]:  # else it came before, or one before it got lost
            report.received[batch.source] += len(batch.events)
        if batch.count is not None:
            announced[batch.source] = batch.count
        say(f"snapshots of {batch.source}", report.received[batch.source], announced.get(batch.source))
        if len(announced) == len(services):
            break
    if wrong := {s: (n, report.received[s]) for s, n in announced.items() if n != report.received[s]}:
        raise RebuildFailed(f"Announced and received differ: {wrong}.")


def components_in(batch: Batch, report: Report) -> list[Component]:
    """The components of a batch; what cannot be kept is noted in the report."""
    found = []
    for event in batch.events:
        try:
            component = component_of(event)
        except ValidationFailed as error:
            report.refused.append(f"{event.source} {event.subject}: {error}")
            continue
        if component is not None:
            found.append(component)
    return found


def _offerings(database: Mongo, generation: str, where: Document | None = None) -> Iterator[tuple[str, ...]]:
    """The ids of all there are, by pages: also of those that a live event brought before the components of theirs."""
    return batched((id for id, _ in by_id(database, "offerings", generation, {"_id": 1}, where)), PAGE)


def _compose(database: Mongo, generation: str, say: Say) -> None:
    """Every entry, in one pass that needs no marks: what dies on the way is begun anew.

    What could not be indexed, and what live events left, is marked and drained. Raises ``RebuildFailed``.
    """
    done, in_all = 0, mongo.collection(database, "offerings", generation).estimated_document_count()
    read: dict[str, Data] = {}

    def pages() -> Iterator[list[str]]:
        there = by_id(database, "offerings", generation, LOADED, {"deleted": False})
        for page in batched(there, PAGE):
            read.clear()
            read.update((id, loaded(document)) for id, document in page)
            yield list(read)

    composed = bring(database, generation, pages(), compose=partial(refresh, unseen=read))
    # Who retired one before its entry was written found none to hide: look once, after all are.
    hidden = bring(database, generation, _offerings(database, generation, _NOT_PUBLISHED))
    for page in chain(composed, hidden):
        if not page.indexed:
            dirty.mark(database, generation, {dirty.ENTRIES: page.ids})
        done += len(page.ids)
        say("entries", done, max(done, in_all))
    for _ in range(_CATCH_UP_ROUNDS):
        drain(database, generation)
        if not dirty.count(database, generation):
            break
        time.sleep(0.2)
    else:
        raise RebuildFailed(f"{dirty.count(database, generation)} changes cannot be indexed.")


def _check(database: Mongo, report: Report, say: Say) -> None:
    """The entries of all offerings in both stores, by rev and hash.

    Live events go on, so an entry that differs may only be on its way: it is wrong when the index stays at one
    rev through every look. Raises ``RebuildFailed``.
    """
    stuck: dict[str, int] = {}

    def compared(ids: Sequence[str]) -> Comparison:
        return _patiently(lambda: compare_stores(database, elastic.writing(), report.generation, ids))

    for page in _offerings(database, report.generation):
        found = compared(page)
        stuck |= found.wrong
        report.entries += found.entries
        report.visible += found.visible
        say("checked entries", report.entries - len(stuck), None)
    for _ in range(_LOOKS - 1):
        if not stuck:
            break
        time.sleep(0.2)
        drain(database, report.generation)
        again: dict[str, int] = {}
        for some in batched(sorted(stuck), PAGE):
            again |= compared(some).wrong
        # A rev that moved belongs to a live event.
        stuck = {id: rev for id, rev in again.items() if stuck[id] == rev}
        say("checked entries", report.entries - len(stuck), report.entries)
    if stuck:
        raise RebuildFailed(f"MongoDB and Elasticsearch differ in {len(stuck)} entries.")
    say("checked entries", report.entries, report.entries)


def _patiently[T](ask: Callable[[], T]) -> T:
    """Elasticsearch starts anew, or is short of memory for a moment after so much: no reason to begin from the start.

    Raises ``RebuildFailed`` when it does not come back.
    """
    until = time.monotonic() + ELASTICSEARCH_SECONDS
    while True:
        try:
            with ELASTICSEARCH.attempt(insist=True):
                return ask()
        except StoreDown as error:
            if time.monotonic() > until:
                raise RebuildFailed(str(error)) from error
            time.sleep(_PAUSE_SECONDS)
