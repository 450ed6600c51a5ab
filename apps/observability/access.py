"""The access line: one per request, the same in every service."""

from __future__ import annotations

import asyncio
import logging
from time import perf_counter, time
from typing import Any

from apps.observability.logging import Batch

_log = logging.getLogger("access")
FLUSH_SECONDS = 0.05
FLUSH_LINES = 64
_REQUEST = "request"


def write(method: str, path: str, status: int, started: float) -> None:
    """Write the line of a request that is answered; ``started`` is a ``perf_counter`` value."""
    if _log.isEnabledFor(logging.INFO):
        _handle({"event": _REQUEST, **_fields(method, path, status, started)})


class Lines:
    """The access lines of an event loop, written some at a time: within ``FLUSH_SECONDS``, or ``FLUSH_LINES`` of them.

    What nginx does with ``buffer=`` and ``flush=``, for the same reason: twenty lines in a row cost what five
    cost that are each written between two requests. Whoever kills the process loses what the last twentieth
    of a second would have written. Lines keep the time at which they were added.
    """

    def __init__(self) -> None:
        self._waiting = Batch()

    def add(self, method: str, path: str, status: int, started: float, **identity: str) -> None:
        """Keep a line; ``identity`` are its ``correlation_id``, ``trace.id`` and ``span.id``."""
        if not _log.isEnabledFor(logging.INFO):
            return
        if not self._waiting:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
        fields = {"message": _REQUEST, **identity, **_fields(method, path, status, started)}
        self._waiting.append((time(), fields))
        if len(self._waiting) >= FLUSH_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, Batch()
        if waiting:
            _handle(waiting)


def _fields(method: str, path: str, status: int, started: float) -> dict[str, Any]:
    return {
        "http.request.method": method,
        "url.path": path,
        "http.response.status_code": status,
        "duration_ms": round((perf_counter() - started) * 1000, 2),
    }


def _handle(said: dict[str, Any] | Batch) -> None:
    # Made by hand: no processors to run, no caller to look up, for the line that every request writes.
    _log.handle(_log.makeRecord(_log.name, logging.INFO, "", 0, said, (), None))
