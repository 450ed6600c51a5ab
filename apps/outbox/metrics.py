"""What waits in the outbox and on the broker, asked for whenever somebody reads the metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, override

import redis
import structlog
from django.db import Error as DatabaseError
from django.db import connection
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from apps.outbox import backlog
from config import env

log = structlog.get_logger(__name__)
DELIVERIES, OLDEST = "catalog_outbox_deliveries", "catalog_outbox_oldest_seconds"
MESSAGES = "catalog_queue_messages"


class OutboxCollector(Collector):
    """One relay tells it for its service; while the database is down there is nothing to tell."""

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            DELIVERIES,
            f"Deliveries that are not settled, counted up to {backlog.COUNTED:,}.",
            labels=("subscriber", "state"),
        )
        yield GaugeMetricFamily(
            OLDEST, "How long the oldest event has been on its way; 0 when none is.", labels=("subscriber",)
        )

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        deliveries, oldest = self.describe()
        try:
            counts, ages = backlog.by_subscriber(), backlog.oldest()
        except DatabaseError as error:
            log.warning("no figures of the outbox", reason=f"{type(error).__name__}: {error}".strip())
            return
        finally:
            connection.close()  # whoever reads the metrics has a thread of his own
        for (subscriber, state), count in counts.items():
            deliveries.add_metric((subscriber, state), count)
        for subscriber in {name for name, _ in counts}:
            oldest.add_metric((subscriber,), ages.get(subscriber, 0.0))
        yield deliveries
        yield oldest


class QueueCollector(Collector):
    """A worker tells it for its queues; while the broker is down there is nothing to tell."""

    def __init__(self, queues: Sequence[str]) -> None:
        self._queues = queues
        self._client = redis.Redis.from_url(env.part_url("redis"), socket_timeout=2, socket_connect_timeout=2)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            MESSAGES,
            "Messages that wait in a queue, without those that are being worked on.",
            labels=("queue",),
        )

    @override
    def collect(self) -> Iterator[GaugeMetricFamily]:
        (messages,) = self.describe()
        try:
            for queue in self._queues:
                waiting: Any = self._client.llen(queue)
                messages.add_metric((queue,), int(waiting))
        except redis.RedisError as error:
            log.warning("no figures of the broker", reason=f"{type(error).__name__}: {error}")
            return
        yield messages
