"""The rebuild: a new generation, filled from snapshots and live events, checked, and then switched to.

Until the switch the live generation is not touched, so a rebuild may be killed at any moment; the next one
removes what it left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from apps.core.errors import Conflict, ValidationFailed
from catalog_services.store.projection import dirty, indexing
from catalog_services.store.projection.components import Component, component_of, upsert
from catalog_services.store.projection.drain import drain
from catalog_services.store.rebuild.checks import compare_stores
from catalog_services.store.rebuild.snapshots import Batch, Snapshots
from catalog_services.store.stores import elastic, generations, leases, mongo
from catalog_services.store.stores.mongo import Mongo, collection

log = structlog.get_logger(__name__)

LEASE_SECONDS = 6.0
_CATCH_UP_ROUNDS = 50
_LOOKS = 5


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


def rebuild(*, source: Snapshots, services: Sequence[str], say: Say) -> Report:
    """Build a generation from the state of ``services`` and make it the live one.

    Raises ``Conflict`` while another rebuild runs, ``Timeout`` when a service sends nothing, ``RebuildFailed`` when
    counts or hashes are wrong.
    """
    database = mongo.writing()
    started = time.monotonic()
    # A killed rebuild's lease ends by itself: wait for that long before saying that there is another one.
    until = started + LEASE_SECONDS + 3
    while True:
        with leases.held(database, "rebuild", seconds=LEASE_SECONDS) as mine:
            if mine:
                report = _rebuild(database, source, services, say)
                report.seconds = time.monotonic() - started
                return report
        if time.monotonic() > until:
            raise Conflict("Another rebuild is running.")
        say("waiting for another rebuild's lease", int(time.monotonic() - started), int(LEASE_SECONDS))
        time.sleep(1)


def _rebuild(database: Mongo, source: Snapshots, services: Sequence[str], say: Say) -> Report:
    client = elastic.writing()
    left_over = generations.ensure(database).building
    if left_over:
        source.close(left_over)
    report = Report(generation=generations.start_building(database, client))
    # From here on live events go into both generations; snapshots asked for now hold all that came before.
    source.request(report.generation, services)
    try:
        _load(database, source, services, report, say)
    finally:
        source.close(report.generation)
    _compose(database, report.generation, say)
    _check(database, report, say)
    if not generations.switch(database, client, report.generation):
        raise Conflict("Another rebuild took over.")
    database["meta"].delete_one({"_id": indexing.REBUILD_NEEDED})
    return report


def _load(database: Mongo, source: Snapshots, services: Sequence[str], report: Report, say: Say) -> None:
    """Components of all services, newer live ones kept. Raises ``RebuildFailed`` when some got lost on the way."""
    seen: dict[str, set[tuple[str, str]]] = {service: set() for service in services}
    announced: dict[str, int] = {}
    for batch in source.batches(report.generation):
        if batch.source not in seen:
            continue
        if batch.count is not None:
            announced[batch.source] = batch.count
        upsert(database, report.generation, components_in(batch, report))
        seen[batch.source].update((event.type.split(".")[2], event.subject) for event in batch.events)
        say(f"snapshots of {batch.source}", len(seen[batch.source]), announced.get(batch.source))
        if len(announced) == len(services):
            break
    report.received = {service: len(found) for service, found in seen.items()}
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


def _compose(database: Mongo, generation: str, say: Say) -> None:
    total = dirty.mark_all(database, generation)
    say("entries", 0, total)
    for _ in range(_CATCH_UP_ROUNDS):
        while drain(database, generation, seconds=1.0):
            say("entries", max(0, total - dirty.count(database, generation)), total)
        if not dirty.count(database, generation):
            say("entries", total, total)
            return
        time.sleep(0.2)
    raise RebuildFailed(f"{dirty.count(database, generation)} entries cannot be indexed.")


def _check(database: Mongo, report: Report, say: Say) -> None:
    """Entries in both stores, by rev and hash.

    Live events go on, so an entry that differs may only be on its way: it is wrong when the index stays at one
    rev through every look. Raises ``RebuildFailed``.
    """
    stuck: dict[str, int] | None = None
    for _ in range(_LOOKS):
        drain(database, report.generation)
        found = compare_stores(database, elastic.writing(), report.generation)
        stuck = {
            id: rev for id, rev in found.wrong.items() if stuck is None or stuck.get(id) == rev
        }  # a rev that moved belongs to a live event
        say("checked entries", found.entries - len(stuck), found.entries)
        if not stuck:
            break
        time.sleep(0.2)
    else:
        raise RebuildFailed(f"MongoDB and Elasticsearch differ in {len(stuck or ())} entries.")
    entries = collection(database, "entries", report.generation)
    report.entries, report.visible = found.entries, entries.count_documents({"visible": True})
