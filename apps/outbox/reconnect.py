"""A worker that is back soon after its broker: Celery's own pauses between two looks grow to half a minute."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery.worker.consumer import Consumer

PAUSES = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 1.0}
"""Seconds, as kombu's ``ensure_connection`` takes them."""


class QuickConsumer(Consumer):
    """``settings.CELERY["worker_consumer"]``."""

    def ensure_connected(self, conn: Any) -> Any:
        conn.ensure_connection = partial(conn.ensure_connection, **PAUSES)
        return super().ensure_connected(conn)
