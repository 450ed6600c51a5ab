"""What the store does by itself: in its Celery worker, by one worker at a time (a lease in MongoDB says whose turn)."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import Any

import structlog
from celery import bootsteps
from pymongo.errors import PyMongoError

from catalog_services.store.projection import dirty, indexing
from catalog_services.store.projection.consumer import ensure_indexes
from catalog_services.store.projection.drain import drain
from catalog_services.store.rebuild.runner import REBUILD_LEASE, rebuild, remove_left_over
from catalog_services.store.rebuild.snapshots import CelerySnapshots, Snapshots
from catalog_services.store.stores import generations, mongo
from catalog_services.store.stores.generations import Pointer
from catalog_services.store.stores.leases import Lease
from catalog_services.store.stores.mongo import Mongo
from config.services import WRITE_SERVICES

log = structlog.get_logger(__name__)

LEASE_SECONDS = 4.0
_ROUND_SECONDS = 1.0
_AFTER_NOTHING_SETTLED_SECONDS = 3.0
_LOOK_AFTER_INDEXES_SECONDS = 10.0
_REBUILD_AGAIN_SECONDS = 300.0
_REBUILD_DIED_SECONDS = 60.0
"""Of silence. Who asks for a rebuild waits for less; here it may be one that MongoDB gave no answer for a while."""


class Maintenance:
    """Rounds of: the lease, the marks that no event's own drain took away, and now and then the indexes.

    When MongoDB lost data (it was restored from a copy), or another version composes entries otherwise, the store is
    rebuilt. What a rebuild left that died is removed.
    """

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots
        self._lease = Lease("maintenance", seconds=LEASE_SECONDS)
        self._rebuilds = Lease(REBUILD_LEASE, seconds=_REBUILD_DIED_SECONDS)
        self._renewal_due = self._indexes_due = self._rebuild_due = self._drain_due = 0.0

    def round(self) -> float:
        """Do what is due; gives the seconds until the next round."""
        database = mongo.writing()
        if time.monotonic() >= self._renewal_due:
            if not self._lease.take(database):
                return LEASE_SECONDS / 3
            self._renewal_due = time.monotonic() + LEASE_SECONDS / 3
        pointer = generations.ensure(database)
        if time.monotonic() >= self._indexes_due:
            self._indexes_due = time.monotonic() + _LOOK_AFTER_INDEXES_SECONDS
            if pointer.building and self._rebuilds.take(database):
                remove_left_over(database, self._snapshots, self._rebuilds)
                pointer = generations.ensure(database)
            ensure_indexes(database, pointer, look_for_loss=True)
            if self._rebuild_if_needed(database, pointer):
                return 0.0
        settled = [drain(database, generation, seconds=LEASE_SECONDS / 3) for generation in pointer.written]
        if any(dirty.marked(database, generation, dirty.LONG, limit=1) for generation in pointer.written):
            return 0.0  # no event's own drain goes on with it
        left = any(dirty.marked(database, generation, limit=1) for generation in pointer.written)
        return _AFTER_NOTHING_SETTLED_SECONDS if left and not any(settled) else _ROUND_SECONDS

    def _rebuild_if_needed(self, database: Mongo, pointer: Pointer) -> bool:
        """Whether it was needed, and is done."""
        needed = database["meta"].find_one({"_id": indexing.REBUILD_NEEDED})
        if needed is None and pointer.shape != generations.SHAPE:
            needed = {"reason": "The entries are as another version composed them."}
        if needed is None or time.monotonic() < self._rebuild_due:
            return False
        log.warning("rebuild begins", reason=needed["reason"])
        try:
            report = rebuild(
                source=self._snapshots, services=WRITE_SERVICES, say=partial(self._meanwhile, database)
            )
        finally:  # one that fails after long is not begun again at once
            self._rebuild_due = time.monotonic() + _REBUILD_AGAIN_SECONDS
        log.info(
            "rebuild done",
            generation=report.generation,
            entries=report.entries,
            set_aside=len(report.aside),
        )
        return True

    def _meanwhile(self, database: Mongo, *_: object) -> None:
        """What is live goes on during a rebuild: nobody else takes the marks that no event's own drain goes on with."""
        if time.monotonic() >= self._drain_due:
            drain(database, generations.ensure(database).live, seconds=_ROUND_SECONDS)
            self._drain_due = time.monotonic() + _ROUND_SECONDS

    def give_back(self) -> None:
        self._renewal_due = 0.0
        self._lease.give_back(mongo.writing())


class MaintenanceStep(bootsteps.StartStopStep):
    """A thread of the worker's main process, beside its pool."""

    requires = {"celery.worker.components:Pool"}

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        super().__init__(worker, **kwargs)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, worker: Any) -> None:
        maintenance = Maintenance(CelerySnapshots(worker.app))
        self._thread = threading.Thread(
            target=self._run, args=(maintenance,), name="store-maintenance", daemon=True
        )
        self._thread.start()

    def stop(self, worker: Any) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    terminate = stop

    def _run(self, maintenance: Maintenance) -> None:
        wait = 0.0
        while not self._stopping.wait(wait):
            try:
                wait = maintenance.round()
            except Exception as error:  # the next round tries again
                log.warning("maintenance failed", reason=f"{type(error).__name__}: {error}"[:500])
                wait = _AFTER_NOTHING_SETTLED_SECONDS
        try:
            maintenance.give_back()
        except PyMongoError as error:
            log.info("lease not given back", reason=type(error).__name__)
