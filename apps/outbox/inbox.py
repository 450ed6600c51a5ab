"""The PostgreSQL consumer: each event applied once, in the transaction that records it as applied."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction

from apps.core import clock, correlation
from apps.core.errors import Unavailable
from apps.core.outages import passes
from apps.observability.tracing import event_span
from apps.outbox.envelope import CloudEvent, Receipt

log = structlog.get_logger(__name__)
Handler = Callable[[CloudEvent], Any]
_handlers: dict[str, Handler] = {}

_RECORD = "INSERT INTO outbox_inboxrecord (event_id, applied_at) VALUES (%s, %s) ON CONFLICT DO NOTHING"

PATIENCE_SECONDS = 1.0
"""Well below what a producer waits for an answer (OUTBOX_RESEND_AFTER_SECONDS)."""


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

    A batch that takes long answers before its producer takes it for lost: what is left comes again. Infrastructure
    that is down for one event is not asked again for the batch's others of that type; what it answers about one
    subject keeps no other waiting. When the task's time is over (a part that hangs takes each event's time-out), what
    is left waits; it is no fault of the events.
    """
    started = time.monotonic()
    receipts: list[Receipt] = []
    waits: dict[str, str] = {}  # subject or type -> for what
    try:
        for event in events:
            if time.monotonic() - started > PATIENCE_SECONDS:
                return receipts + _unread("left", events[len(receipts) :])
            if reason := waits.get(event.subject) or waits.get(event.type):
                receipts.append(Receipt(event.id, event.source, "wait", reason))
                continue
            answer, with_it = _apply(event)
            receipts.append(answer)
            if with_it:
                waits[with_it] = (
                    answer.reason if answer.outcome == "wait" else "An earlier event was refused."
                )
    except SoftTimeLimitExceeded:
        log.warning("no time left for a batch's events", left=len(events) - len(receipts))
        receipts += _unread("wait", events[len(receipts) :])
    return receipts


def _unread(outcome: str, events: list[CloudEvent]) -> list[Receipt]:
    return [Receipt(event.id, event.source, outcome, "There was no time left for it.") for event in events]


def _is_new(event: CloudEvent) -> bool:
    """Whether this transaction is the one that records the event; it waits for another that is about to."""
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, [event.id, clock.now()])
        return bool(cursor.rowcount)


def _apply(event: CloudEvent) -> tuple[Receipt, str]:
    """The answer, and which other events wait with this one: those of its subject or of its type."""
    with (
        correlation.bound(event.correlationid, cause=event.id),
        structlog.contextvars.bound_contextvars(correlation_id=event.correlationid, actor=event.actor),
        event_span(f"consume {event.type}", event.traceparent, subject=event.subject),
    ):
        try:
            with transaction.atomic():
                handler = _handlers.get(event.type)
                if _is_new(event) and handler is not None:
                    handler(event)
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".strip()
            if not passes(error):
                log.exception("event refused", type=event.type, subject=event.subject)
                return Receipt(event.id, event.source, "nack", reason), event.subject
            # A kind of its own of being unavailable is an answer, and may be about what was asked for alone.
            of_one = isinstance(error, Unavailable) and type(error) is not Unavailable
            return Receipt(event.id, event.source, "wait", reason), event.subject if of_one else event.type
        return Receipt(event.id, event.source, "ack"), ""
