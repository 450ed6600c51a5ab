"""The rebuild: a new generation, filled from snapshots and live events, checked, and then switched to.

Until the switch the live generation is not touched, so a rebuild may be killed at any moment; the next one, or the
worker's maintenance, removes what it left.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

import structlog
from elastic_transport import TransportError
from elasticsearch import ApiError
from pymongo.errors import PyMongoError

from apps.core.errors import Conflict, ValidationFailed
from catalog_services.store.projection import indexing
from catalog_services.store.projection.components import Component, component_of, keep
from catalog_services.store.rebuild.catching_up import catch_up
from catalog_services.store.rebuild.composing import compose_all
from catalog_services.store.rebuild.report import RebuildFailed, Report, Say
from catalog_services.store.rebuild.snapshots import Batch, Snapshots
from catalog_services.store.rebuild.wholeness import check, patiently, refuse_loss
from catalog_services.store.stores import elastic, generations, mongo
from catalog_services.store.stores.leases import Lease
from catalog_services.store.stores.mongo import Mongo

log = structlog.get_logger(__name__)

REBUILD_LEASE = "rebuild"
LEASE_SECONDS = 6.0
PATIENCE_SECONDS = LEASE_SECONDS + 3
_PAUSE_SECONDS = 1.0


def rebuild(*, source: Snapshots, services: Sequence[str], say: Say, rehearse: bool = False) -> Report:
    """Build a generation from the state of ``services`` and make it the live one; ``rehearse`` removes it instead.

    Raises ``Conflict`` while another rebuild runs, ``Timeout`` when a service sends nothing, ``RebuildFailed`` when
    counts or hashes are wrong, or when an offering that is shown now could not be composed.
    """
    database = mongo.writing()
    started = time.monotonic()
    lease = Lease(REBUILD_LEASE, seconds=LEASE_SECONDS)
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
            if not (rehearse or generations.switch(database, report.generation)):
                raise Conflict("Another rebuild took over.")
        except BaseException:  # events would go into it for ever
            with suppress(PyMongoError, TransportError, ApiError):
                _abandon(database, report.generation)
            raise
        (_abandon if rehearse else _tidy_up)(database, report.generation)
    report.seconds = time.monotonic() - started
    return report


def remove_left_over(database: Mongo, source: Snapshots, lease: Lease) -> None:
    """What a rebuild left that died: events go into it for ever. ``lease`` is the rebuild's, and was just taken: nobody
    is at it, and one whose lease ended while it stood still finds that it may not switch."""
    with lease.kept(database):
        left_over = generations.ensure(database).building
        if left_over:
            log.warning("what a dead rebuild left is removed", generation=left_over)
            source.close(left_over)
            _abandon(database, left_over)


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
    compose_all(database, report.generation, say)
    catch_up(database, report.generation)
    refuse_loss(database, report)
    check(database, report, say)
    patiently(lambda: elastic.resume_refresh(client, report.generation))


def _tidy_up(database: Mongo, generation: str) -> None:
    try:
        database["meta"].delete_one({"_id": indexing.REBUILD_NEEDED})
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
