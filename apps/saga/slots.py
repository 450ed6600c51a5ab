"""Which fetched tasks are not finished yet, per poller: kept in the broker, where the executing process sees it too.

An entry ends with its task's lock, so whatever is lost (a message, an executor, the broker's memory)
frees its slot by itself.
"""

from __future__ import annotations

import time

import redis

from apps.saga.model import LockedTask


class Slots:
    """The slots of all pollers of one service."""

    def __init__(self, broker: redis.Redis, service: str) -> None:
        self._broker, self._service = broker, service

    def taken(self, poller: str) -> int:
        """How many tasks ``poller`` has fetched that are neither finished nor expired."""
        key = self._key(poller)
        with self._broker.pipeline(transaction=False) as pipe:
            pipe.zremrangebyscore(key, "-inf", time.time())
            pipe.zcard(key)
            return int(pipe.execute()[1])

    def take(self, task: LockedTask) -> None:
        key = self._key(poller_of(task))
        with self._broker.pipeline(transaction=False) as pipe:
            pipe.zadd(key, {task.id: task.expires_at})
            pipe.expire(key, 3600)
            pipe.execute()

    def release(self, task: LockedTask) -> None:
        self._broker.zrem(self._key(poller_of(task)), task.id)

    def _key(self, poller: str) -> str:
        return f"saga.slots.{self._service}.{poller}"


def worker_id(poller: str, fetch: int) -> str:
    """The engine's worker id for one fetch of a poller."""
    return f"{poller}#{fetch}"


def poller_of(task: LockedTask) -> str:
    return task.worker_id.rpartition("#")[0]
