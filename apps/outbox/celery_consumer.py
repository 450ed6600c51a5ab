"""Celery's consumer, where it suits us better otherwise."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from celery.worker.consumer import Consumer

log = structlog.get_logger(__name__)

PAUSES = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 1.0}
"""Seconds, as kombu's ``ensure_connection`` takes them. Celery's own pauses grow to half a minute: ours is back soon
after its broker."""

EVENTS_SECONDS = 0.5
"""Celery tells Flower of every task at once, which costs a sixth of a small one: here it waits for others."""


class SuiteConsumer(Consumer):
    """``settings.CELERY["worker_consumer"]``."""

    _is_flush_due = False

    def ensure_connected(self, conn: Any) -> Any:
        conn.ensure_connection = partial(conn.ensure_connection, **PAUSES)
        return super().ensure_connected(conn)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """What fails while a lost connection is closed is no reason to end the worker.

        kombu gives back the messages that were not acknowledged over the very connection that it has just taken
        apart, and Celery takes that for an error beyond repair. The relay sends them again.
        """
        if self.connection is not None:
            self.connection.close = partial(_quietly, self.connection.close)
        super().on_connection_error_after_connected(exc)

    def on_send_event_buffered(self) -> None:
        if self.hub and not self._is_flush_due:
            self._is_flush_due = True
            self.hub.call_later(EVENTS_SECONDS, self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        self._flush_events()


def _quietly(close: Callable[[], object]) -> None:
    try:
        close()
    except Exception as error:
        log.warning("a lost connection is not closed properly", reason=f"{type(error).__name__}: {error}")
