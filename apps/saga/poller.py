"""The thread beside a Celery worker that asks the engine for work, and hands it to the saga queue."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress

import redis
import structlog
from django.conf import settings

from apps.core.errors import SuiteError
from apps.saga.client import Engine
from apps.saga.model import LockedTask
from apps.saga.slots import Slots, worker_id

log = structlog.get_logger(__name__)

FULL_PAUSE_SECONDS = 0.05
MAX_PAUSE_SECONDS = 5.0

Dispatch = Callable[[LockedTask], None]
"""Puts a task on the saga queue; raises when the broker is down."""


class Poller(threading.Thread):
    """Long-polls for ``topics`` and fetches only what it has slots for, so that no task waits locked in a queue.

    An engine or a broker that is down is waited for, quietly: one warning when it goes, one line when it is back.
    """

    def __init__(
        self, *, name: str, topics: list[str], limit: int, engine: Engine, slots: Slots, dispatch: Dispatch
    ) -> None:
        super().__init__(name=f"saga-{name}", daemon=True)
        self._poller, self._topics, self._limit = name, topics, limit
        self._engine, self._slots, self._dispatch = engine, slots, dispatch
        self._stopping = threading.Event()
        self._fetches = 0

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
                pause = min(MAX_PAUSE_SECONDS, pause * 2 or 0.25)
                self._stopping.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 (not for secrets)
            else:
                if pause:
                    log.info("saga poller works again")
                pause = 0.0

    def _round(self) -> None:
        free = self._limit - self._slots.taken(self._poller)
        if free <= 0:
            self._stopping.wait(FULL_PAUSE_SECONDS)
            return
        self._fetches += 1
        tasks = self._engine.fetch_and_lock(
            self._topics,
            worker_id(self._poller, self._fetches),
            max_tasks=free,
            lock_seconds=settings.SAGA_LOCK_SECONDS,
            wait_seconds=settings.SAGA_POLL_SECONDS,
        )
        for number, task in enumerate(tasks):
            if self._stopping.is_set():
                self._give_back(tasks[number:])
                return
            try:
                self._slots.take(task)
                self._dispatch(task)
            except Exception:
                self._give_back(tasks[number:])
                raise

    def _give_back(self, tasks: list[LockedTask]) -> None:
        for task in tasks:
            with suppress(SuiteError, redis.RedisError):
                self._engine.unlock(task)
                self._slots.release(task)
