"""Celery's consumer, where it suits us better otherwise."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery.worker.consumer import Consumer

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

    def on_send_event_buffered(self) -> None:
        if self.hub and not self._is_flush_due:
            self._is_flush_due = True
            self.hub.call_later(EVENTS_SECONDS, self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        self._flush_events()
