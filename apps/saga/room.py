"""How many more messages a worker's saga queue may get: so few that no task waits locked in it.

Nothing is kept anywhere for it. What waits is counted in the broker and what runs in the worker itself, so that a
flushed broker, a killed executor or a clock that jumps leaves no place taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import redis
from celery.worker import state

Room = Callable[[], int]
"""Messages that may be sent now; none when it is not positive. Raises ``redis.RedisError`` when the broker is down."""


@dataclass(frozen=True, slots=True)
class WorkersRoom:
    """Of the worker in this process: at most ``limit`` messages that wait in ``queue`` or run, events' included."""

    broker: redis.Redis
    queue: str
    limit: int

    def __call__(self) -> int:
        waiting = int(self.broker.llen(self.queue))
        return self.limit - waiting - len(state.reserved_requests)
