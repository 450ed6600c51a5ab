"""The two messages of event delivery, and the one that asks for state: all that Celery knows of events.

The store has no PostgreSQL, so the producer's side is imported only where it is used.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import asdict
from typing import Any

import structlog
from celery import current_app, shared_task
from django.conf import settings
from django.utils.module_loading import import_string

from apps.core import clock
from apps.core.errors import ValidationFailed
from apps.observability import metrics
from apps.outbox.envelope import CloudEvent, Receipt
from config.services import SERVICES

log = structlog.get_logger(__name__)


@shared_task(name="outbox.deliver")
def deliver(events: list[str]) -> None:
    """Apply a batch of events (JSON texts) with this service's consumer and send the producers their receipts."""
    consume = import_string(settings.EVENT_CONSUMER)
    readable, receipts = _read(events)
    receipts += consume(readable)
    _count(readable, receipts)
    for producer, own in _by_source(receipts).items():
        current_app.send_task(
            "outbox.settle",
            kwargs={"subscriber": settings.SERVICE_NAME, "receipts": own},
            queue=SERVICES[producer].events_queue,
            headers={"sent_at": time.time()},
        )


@shared_task(name="outbox.settle")
def settle(subscriber: str, receipts: list[dict[str, Any]]) -> None:
    """Take a subscriber's receipts into the delivery rows."""
    from apps.outbox.receipts import settle as settle_rows

    settle_rows(subscriber, [Receipt(**receipt) for receipt in receipts])


@shared_task(name="outbox.snapshot", time_limit=1800, soft_time_limit=1740, acks_late=False)
def snapshot(rebuild_id: str, queue: str) -> None:
    """Stream the state of every aggregate to ``queue``.

    Acknowledged before it runs: it may take longer than the broker's visibility timeout, which would give it to
    another worker while it runs, again and again. When it is lost, whoever asked misses it and asks again.
    """
    from apps.outbox.snapshots import stream

    stream(rebuild_id, queue)


def _read(events: list[str]) -> tuple[list[CloudEvent], list[Receipt]]:
    """The events, and a refusal of each that is none; one that does not even say whose it is cannot be answered."""
    readable: list[CloudEvent] = []
    refused: list[Receipt] = []
    for text in events:
        wire = json.loads(text)
        try:
            readable.append(CloudEvent.from_wire(wire))
        except ValidationFailed as error:
            log.exception("not an event")
            if isinstance(wire, dict) and "id" in wire and wire.get("source") in SERVICES:
                refused.append(Receipt(str(wire["id"]), wire["source"], "reject", error.detail))
    return readable, refused


def _count(events: list[CloudEvent], receipts: list[Receipt]) -> None:
    applied = set()
    for receipt in receipts:
        metrics.EVENTS.labels(receipt.source, receipt.outcome).inc()
        if receipt.outcome == "ack":
            applied.add(receipt.event_id)
    now = clock.now()
    for event in events:
        if event.id in applied and (since := clock.moment(event.time)) is not None:
            metrics.EVENT_DELAY.labels(event.source).observe(max(0.0, (now - since).total_seconds()))


def _by_source(receipts: list[Receipt]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for receipt in receipts:
        grouped[receipt.source].append(asdict(receipt))
    return grouped
