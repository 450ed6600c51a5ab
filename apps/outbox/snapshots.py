"""State on request: events are not kept for ever, so a rebuild of the read side asks for everything there is.

The asker names a queue; every message on it is one JSON object: ``{"rebuild_id", "source", "start", "events": [wire
events]}`` with ``start`` events sent before it, and last ``{"rebuild_id", "source", "end": true, "count": n}``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import batched
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from kombu.exceptions import ChannelError
from kombu.simple import SimpleQueue

from apps.outbox.envelope import CloudEvent
from apps.outbox.kinds import AggregateKind, registered
from apps.outbox.models import Tombstone

BATCH = 200
MOST_WAITING = 20
"""Messages that may wait in the queue before the sender does."""
PATIENCE_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.05


class NobodyReads(Exception):
    """Whoever asked for the state is gone: the queue was full and nothing left it."""


def stream(rebuild_id: str, queue: str, *, patience: float = PATIENCE_SECONDS) -> int:
    """Send every aggregate's state and every tombstone to ``queue``, then the end mark; gives how many events.

    Read in one repeatable-read transaction through a server-side cursor: memory stays flat, and the state is that of
    one moment. The queue stays short, too: the sender waits for its reader, and removes the queue and raises
    ``NobodyReads`` when nothing was read for ``patience`` seconds.
    """
    count = 0
    head = {"rebuild_id": rebuild_id, "source": settings.SERVICE_NAME}
    with current_app.connection_for_write() as broker, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with broker.SimpleQueue(queue) as out:
            for events in batched(snapshot_events(), BATCH):
                _wait_for_reader(out, patience)
                message = {**head, "start": count, "events": [event.to_wire() for event in events]}
                out.put(message, serializer="json")
                count += len(events)
            out.put({**head, "end": True, "count": count}, serializer="json")
    return count


def _wait_for_reader(out: SimpleQueue, patience: float) -> None:
    """Wait until there is room in the queue. Raises ``NobodyReads``."""
    waiting, since = _waiting(out), time.monotonic()
    while waiting >= MOST_WAITING:
        if time.monotonic() - since > patience:
            out.queue.delete()
            raise NobodyReads(f"{out.queue.name}: {waiting} messages and no reader.")
        time.sleep(_LOOK_EVERY_SECONDS)
        before, waiting = waiting, _waiting(out)
        if waiting < before:
            since = time.monotonic()


def _waiting(out: SimpleQueue) -> int:
    """Messages in a queue; a broker may forget one that is empty."""
    try:
        return int(out.qsize())  # type: ignore[no-untyped-call]
    except ChannelError:
        return 0


def snapshot_events() -> Iterator[CloudEvent]:
    """Every aggregate as a ``...Snapshot.v1`` event with its version, then every tombstone as ``...Deleted.v1``."""
    for kind in registered():
        for row in kind.rows().order_by("pk").iterator(chunk_size=BATCH):
            yield _event(kind, "Snapshot", str(row.pk), row.version, kind.state(row))
    for kind in registered():
        for tomb in Tombstone.objects.filter(kind=kind.name).order_by("pk").iterator(chunk_size=BATCH):
            yield _event(kind, "Deleted", str(tomb.pk), tomb.version, {"id": str(tomb.pk)})


def _event(kind: AggregateKind, verb: str, subject: str, version: int, data: dict[str, Any]) -> CloudEvent:
    return CloudEvent(
        type=kind.event_type(verb),
        source=settings.SERVICE_NAME,
        subject=subject,
        aggregateversion=version,
        data=data,
    )
