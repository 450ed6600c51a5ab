"""The PostgreSQL consumer: each event applied once, in the transaction that records it as applied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction

from apps.core import correlation
from apps.core.errors import Timeout, Unavailable
from apps.observability.tracing import event_span
from apps.outbox.envelope import CloudEvent, Receipt
from apps.outbox.models import InboxRecord

log = structlog.get_logger(__name__)
Handler = Callable[[CloudEvent], Any]
_handlers: dict[str, Handler] = {}

INFRASTRUCTURE = (OperationalError, InterfaceError, ConnectionError, TimeoutError, Unavailable, Timeout)


def handles(*types: str) -> Callable[[Handler], Handler]:
    """Declare the handler of event types, in a service's ``tasks.py``: thin, it loads and calls an action."""

    def declare(handler: Handler) -> Handler:
        for type_ in types:
            if type_ in _handlers:
                raise ValueError(f"{type_} has a handler already.")
            _handlers[type_] = handler
        return handler

    return declare


def consume(events: list[CloudEvent]) -> list[Receipt]:
    """Apply each event by itself and answer for each: one that is refused stops none but the later ones of its own
    aggregate, which wait.

    When the task's time is over (a part that hangs takes each event's time-out), what is left waits for a task of
    its own; it is no fault of the events.
    """
    receipts: list[Receipt] = []
    refused: set[str] = set()
    try:
        for event in events:
            if event.subject in refused:
                receipts.append(Receipt(event.id, event.source, "wait", "An earlier event was refused."))
                continue
            receipts.append(_apply(event))
            if receipts[-1].outcome == "nack":
                refused.add(event.subject)
    except SoftTimeLimitExceeded:
        left = events[len(receipts) :]
        log.warning("no time left for a batch's events", left=len(left))
        receipts += [
            Receipt(event.id, event.source, "wait", "There was no time left for it.") for event in left
        ]
    return receipts


def _apply(event: CloudEvent) -> Receipt:
    with (
        correlation.bound(event.correlationid, cause=event.id),
        structlog.contextvars.bound_contextvars(correlation_id=event.correlationid, actor=event.actor),
        event_span(f"consume {event.type}", event.traceparent, subject=event.subject),
    ):
        try:
            with transaction.atomic():
                _, new = InboxRecord.objects.get_or_create(event_id=event.id)
                handler = _handlers.get(event.type)
                if new and handler is not None:
                    handler(event)
        except INFRASTRUCTURE as error:
            return Receipt(event.id, event.source, "wait", f"{type(error).__name__}: {error}".strip())
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            log.exception("event refused", type=event.type, subject=event.subject)
            return Receipt(event.id, event.source, "nack", f"{type(error).__name__}: {error}".strip())
        return Receipt(event.id, event.source, "ack")
