"""The thread beside a Celery worker that asks the engine for work, and hands it to the saga queue."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable
from contextlib import suppress

import structlog
from django.conf import settings

from apps.core.errors import SuiteError
from apps.saga.client import Engine
from apps.saga.model import LockedTask
from apps.saga.room import Room

log = structlog.get_logger(__name__)

FULL_PAUSE_SECONDS = 0.02
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.25, 1.0
"""While something is down; the longest is what a step may still wait when it is back."""

Dispatch = Callable[[list[LockedTask]], None]
"""Puts a message with these tasks on the saga queue; raises when the broker is down."""


class Poller(threading.Thread):
    """Long-polls for ``topics`` while there is room for one more message, so that no task waits locked in a queue.

    What one fetch brings goes into one message. An engine or a broker that is down is waited for, quietly: one warning
    when it goes, one line when it is back.
    """

    def __init__(
        self, *, name: str, topics: list[str], engine: Engine, room: Room, dispatch: Dispatch
    ) -> None:
        super().__init__(name=f"saga-{name}", daemon=True)
        self._topics, self._engine, self._room, self._dispatch = topics, engine, room, dispatch
        self._worker_ids = (f"{name}#{fetch}" for fetch in itertools.count(1))
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask to end and wait: what a poll under way still brings is given back to the engine."""
        self._stopping.set()
        self.join(settings.SAGA_POLL_SECONDS + 5)

    def run(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            try:
                self._round()
            except Exception as error:  # a poller outlives whatever it needs
                if not pause:
                    log.warning("saga poller waits", reason=f"{type(error).__name__}: {error}".strip())
                pause = min(MAX_PAUSE_SECONDS, pause * 2 or FIRST_PAUSE_SECONDS)
                self._stopping.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 (not for secrets)
            else:
                if pause:
                    log.info("saga poller works again")
                pause = 0.0

    def _round(self) -> None:
        if self._room() <= 0:
            self._stopping.wait(FULL_PAUSE_SECONDS)
            return
        tasks = self._engine.fetch_and_lock(
            self._topics,
            next(self._worker_ids),
            max_tasks=settings.SAGA_BATCH,
            lock_seconds=settings.SAGA_LOCK_SECONDS,
            wait_seconds=settings.SAGA_POLL_SECONDS,
        )
        if not tasks:
            return
        if self._stopping.is_set():
            self._give_back(tasks)
            return
        try:
            self._dispatch(tasks)
        except Exception:
            self._give_back(tasks)
            raise

    def _give_back(self, tasks: list[LockedTask]) -> None:
        for task in tasks:
            with suppress(SuiteError):
                self._engine.unlock(task)
