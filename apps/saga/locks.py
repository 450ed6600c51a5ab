"""Keeping the locks of fetched tasks while they wait for their turn and are carried out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Self

from django.conf import settings

from apps.core.errors import Unavailable
from apps.saga.client import Engine
from apps.saga.errors import EngineRefused, TaskLost
from apps.saga.model import LockedTask


class Locks:
    """The locks of one message's tasks, each kept from the start of the block until it is let go of.

    Locks are short, so that what a killed process held is soon given out again; a thread extends them whenever half
    of their time is used up. A task that waited too long in the queue and that another worker has now is not held.
    """

    def __init__(self, tasks: Sequence[LockedTask], engine: Engine, connect: Callable[[], Engine]) -> None:
        self._held = {task.id: task for task in tasks}
        self._engine, self._connect = engine, connect
        self._seconds = settings.SAGA_LOCK_SECONDS
        self._done = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="saga-locks", daemon=True)

    def __enter__(self) -> Self:
        for task in list(self._held.values()):
            if not self._seconds / 2 < task.expires_at - time.time() <= self._seconds:
                # Half used up; or a clock was set meanwhile, and nobody knows.
                self._extend(task, self._engine)
        self._keeper.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._done.set()
        self._keeper.join()

    def holds(self, task: LockedTask) -> bool:
        """Whether the task is still ours, as far as is known."""
        return task.id in self._held

    def let_go(self, task: LockedTask) -> None:
        """Its lock is extended no more."""
        self._held.pop(task.id, None)

    def _keep(self) -> None:
        while not self._done.wait(self._seconds / 2):
            for task in list(self._held.values()):
                self._extend(task, self._connect())

    def _extend(self, task: LockedTask, engine: Engine) -> None:
        with suppress(EngineRefused, Unavailable):
            try:
                engine.extend_lock(task, self._seconds)
            except TaskLost:
                self.let_go(task)
