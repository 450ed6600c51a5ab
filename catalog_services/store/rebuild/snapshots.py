"""State on request: what the write services stream to the queue of a rebuild (``apps/outbox/snapshots.py``)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty
from typing import Any, Protocol

from celery import Celery
from kombu.exceptions import KombuError
from redis import RedisError

from apps.core.errors import Timeout, Unavailable
from apps.outbox.envelope import CloudEvent
from config.services import SERVICES


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of a service's snapshot events; ``start`` of them came before. The last batch has none and says in
    ``count`` how many there were."""

    source: str
    events: list[CloudEvent]
    start: int
    count: int | None = None


class Snapshots(Protocol):
    """Where the state of the write services comes from. Each raises ``Unavailable`` while that does not answer."""

    def request(self, rebuild_id: str, services: Sequence[str]) -> None:
        """Ask services for their state."""

    def batches(self, rebuild_id: str) -> Iterator[Batch]:
        """What comes, until the caller has enough. Raises ``Timeout`` when nothing comes."""

    def close(self, rebuild_id: str) -> None:
        """Nothing more is wanted."""


def queue_name(rebuild_id: str) -> str:
    return f"store.rebuild.{rebuild_id}"


class CelerySnapshots:
    """Asks with the task ``outbox.snapshot`` and reads the answers from a queue of their own."""

    def __init__(self, app: Celery, *, patience: float = 60.0) -> None:
        self._app = app
        self._patience = patience

    def request(self, rebuild_id: str, services: Sequence[str]) -> None:
        with _answering():
            for service in services:
                self._app.send_task(
                    "outbox.snapshot",
                    kwargs={"rebuild_id": rebuild_id, "queue": queue_name(rebuild_id)},
                    queue=SERVICES[service].events_queue,
                    expires=self._patience,  # whoever comes back later finds nobody who reads
                )

    def batches(self, rebuild_id: str) -> Iterator[Batch]:
        with (
            _answering(),
            self._app.connection_for_read() as broker,
            broker.SimpleQueue(queue_name(rebuild_id)) as queue,
        ):
            while True:
                try:
                    message = queue.get(timeout=self._patience)
                except Empty as error:
                    raise Timeout(
                        f"No snapshot came for {self._patience:.0f} s. Are the workers of all write services running?"
                    ) from error
                try:
                    yield _batch(message.payload)
                finally:
                    message.ack()

    def close(self, rebuild_id: str) -> None:
        with _answering(), self._app.connection_for_write() as broker:
            broker.default_channel.queue_delete(queue_name(rebuild_id))


@contextmanager
def _answering() -> Iterator[None]:
    """Raises ``Unavailable`` when Redis does not answer within the block."""
    try:
        yield
    except (KombuError, RedisError, OSError) as error:
        raise Unavailable(f"Redis does not answer: {error}") from error


def _batch(payload: dict[str, Any]) -> Batch:
    if payload.get("end"):
        return Batch(payload["source"], [], int(payload["count"]), int(payload["count"]))
    events = [CloudEvent.from_wire(wire) for wire in payload["events"]]
    return Batch(payload["source"], events, int(payload["start"]))
