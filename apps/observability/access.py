"""The access line: one per request, the same in every service."""

from __future__ import annotations

import asyncio
import atexit
import logging
from collections.abc import Callable
from threading import Event, Lock, Thread
from time import perf_counter, sleep, time
from typing import Any

from apps.core.paths import shown
from apps.observability.logging import Batch

_log = logging.getLogger("access")
FLUSH_SECONDS = 0.05
FLUSH_LINES = 64
_REQUEST = "request"

Later = Callable[[float, Callable[[], None]], object]
"""Calls what it is given after some seconds."""


def by_the_event_loop(seconds: float, call: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(seconds, call)


class ByAThread:
    """``Later`` where no event loop runs: one thread, which sleeps while nothing is asked of it.

    What is asked for while it waits already is the same call again, and done with it.
    """

    def __init__(self) -> None:
        self._asked = Event()
        self._starting = Lock()
        self._thread: Thread | None = None

    def __call__(self, seconds: float, call: Callable[[], None]) -> None:
        self._asked.set()
        if self._thread is None:
            self._start(seconds, call)

    def _start(self, seconds: float, call: Callable[[], None]) -> None:
        """Not before it is needed: a server may fork once it has loaded its application."""
        with self._starting:
            if self._thread is None:
                self._thread = Thread(
                    target=self._run, args=(seconds, call), name="access lines", daemon=True
                )
                self._thread.start()

    def _run(self, seconds: float, call: Callable[[], None]) -> None:
        while self._asked.wait():
            self._asked.clear()
            sleep(seconds)
            call()


class Lines:
    """A process's access lines, written some at a time: within ``FLUSH_SECONDS``, or ``FLUSH_LINES`` of them.

    What nginx does with ``buffer=`` and ``flush=``, for the same reason: twenty lines in a row cost what five
    cost that are each written between two requests. Whoever kills the process loses what the last twentieth
    of a second would have written; who ends it does not. Lines keep the time at which they were added.
    """

    def __init__(self, later: Later | None = None) -> None:
        self._later = later or ByAThread()
        self._lock = Lock()
        self._writing = Lock()
        self._waiting = Batch()
        atexit.register(self.flush)

    def add(self, method: str, path: str, status: int, started: float, **identity: str) -> None:
        """Keep a line; ``started`` is a ``perf_counter`` value, ``identity`` the line's ``correlation_id``,
        ``trace.id``, ``span.id`` and ``actor``."""
        if not _log.isEnabledFor(logging.INFO):
            return
        fields = {"message": _REQUEST, **identity, **_fields(method, path, status, started)}
        with self._lock:
            self._waiting.append((time(), fields))
            waiting = len(self._waiting)
        if waiting == 1:
            self._later(FLUSH_SECONDS, self.flush)
        elif waiting == FLUSH_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what waits; what another thread has begun to write is written, too, when this returns."""
        with self._writing:
            with self._lock:
                waiting, self._waiting = self._waiting, Batch()
            if waiting:
                # Made by hand: no processors to run, no caller to look up, for the lines that every request writes.
                _log.handle(_log.makeRecord(_log.name, logging.INFO, "", 0, waiting, (), None))


def _fields(method: str, path: str, status: int, started: float) -> dict[str, Any]:
    return {
        "http.request.method": method,
        "url.path": shown(path),
        "http.response.status_code": status,
        "duration_ms": round((perf_counter() - started) * 1000, 2),
    }
