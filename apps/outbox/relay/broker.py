"""The subscribers' queues on the broker: what is put there, how much still may be, and how old their heads are."""

from __future__ import annotations

import json
import time
from typing import Any

import redis
from celery import Celery

from config.services import SERVICES

FAR_FUTURE = 32503680000.0
BUSY = 2
"""Messages in a queue that say that its subscriber has enough to do."""

PER_SECOND, AT_ONCE = 10.0, 5.0
"""Messages a subscriber gets whatever is in them; so many may come at once after a pause."""


class Broker:
    """``send`` and ``load`` for the relay, ``head_sent_at`` for the sweeper. Raises what its clients raise when the
    broker is down."""

    def __init__(self, app: Celery, client: redis.Redis) -> None:
        self._app, self._client = app, client
        self._producer: Any = None
        self._allowed: dict[str, tuple[float, float]] = {}  # how many messages, at which moment

    def send(self, subscriber: str, envelopes: list[str]) -> None:
        """One message of events (JSON texts); its ``sent_at`` tells the sweeper what a queue can still hold."""
        if self._producer is None:
            self._producer = self._app.amqp.Producer(self._app.connection_for_write())
        try:
            self._app.send_task(
                "outbox.deliver",
                kwargs={"events": envelopes},
                queue=queue_of(subscriber),
                headers={"sent_at": time.time()},
                kwargsrepr=f"<{len(envelopes)} events>",  # or Celery makes one of all their text
                producer=self._producer,
                retry=False,
            )
        except Exception:
            self._producer = None  # a broken connection is not used again
            raise
        # After a burst nothing is owed: the next that comes is not kept waiting for it.
        self._allowed[subscriber] = (max(0.0, self._allowance(subscriber) - 1), time.monotonic())

    def load(self, subscriber: str) -> int:
        """How many messages are in a subscriber's queue; ``BUSY`` when it was sent many of late: a message and its
        answer cost more than the events in it, so from then on those travel together."""
        found: Any = self._client.llen(queue_of(subscriber))
        return max(int(found), 0 if self._allowance(subscriber) >= 1 else BUSY)

    def _allowance(self, subscriber: str) -> float:
        allowed, since = self._allowed.get(subscriber, (AT_ONCE, time.monotonic()))
        return min(AT_ONCE, allowed + (time.monotonic() - since) * PER_SECOND)

    def head_sent_at(self, service: str) -> float:
        """When the oldest message in a service's queue was sent (Unix seconds); the far future for an empty queue."""
        head: Any = self._client.lindex(queue_of(service), -1)
        if head is None:
            return FAR_FUTURE
        try:
            sent_at = float(json.loads(head)["headers"]["sent_at"])
        except (ValueError, KeyError, TypeError):
            return 0.0  # something else is at the head: wait until it is taken
        return sent_at if sent_at <= time.time() else 0.0  # the clock was put right since


def queue_of(service: str) -> str:
    return SERVICES[service].events_queue
