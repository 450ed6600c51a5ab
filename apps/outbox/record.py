"""Writing an event: in the transaction of the change, one row, and one delivery per subscriber."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction

from apps.core import correlation
from apps.core.actor import Actor
from apps.core.ids import uuid7
from apps.core.models import Aggregate
from apps.observability.tracing import current_traceparent
from apps.outbox import wakeup
from apps.outbox.envelope import CloudEvent
from apps.outbox.kinds import AggregateKind
from apps.outbox.models import Delivery, OutboxEvent, Tombstone
from config.services import SERVICES, subscribers


def record_change(kind: AggregateKind, verb: str, row: Aggregate, *, actor: Actor) -> CloudEvent:
    """Tell of a created or changed aggregate with its whole state. Call it inside the action's transaction."""
    return record_event(kind.event_type(verb), str(row.pk), row.version, kind.state(row), actor=actor)


def record_deletion(kind: AggregateKind, row: Aggregate, *, actor: Actor) -> CloudEvent:
    """Leave a tombstone one version above the row's and tell of it; the caller deletes the row."""
    version = row.version + 1
    Tombstone.objects.create(kind=kind.name, aggregate_id=row.pk, version=version)
    return record_event(kind.event_type("Deleted"), str(row.pk), version, {"id": str(row.pk)}, actor=actor)


def record_event(type_: str, subject: str, version: int, data: dict[str, Any], *, actor: Actor) -> CloudEvent:
    """Insert the event and its deliveries and wake the relay after commit; what nobody is told of is history alone.

    Raises ``RuntimeError`` outside a transaction: an event without its change, or the other way
    round, is what an outbox exists to prevent.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An event is recorded in the transaction of its change.")
    topic = SERVICES[settings.SERVICE_NAME].topic
    event = CloudEvent(
        type=type_,
        source=settings.SERVICE_NAME,
        subject=subject,
        aggregateversion=version,
        data=data,
        topic=topic,
        actor=actor.username,
        correlationid=correlation.current() or str(uuid7()),
        causationid=correlation.cause(),
        traceparent=current_traceparent(),
    )
    stored = OutboxEvent.objects.create(
        event_id=event.id,
        type=event.type,
        subject=event.subject,
        correlation_id=event.correlationid,
        envelope=event.to_wire(),
    )
    told = [Delivery(event=stored, subscriber=name, subject=subject) for name in subscribers(topic, type_)]
    if told:
        Delivery.objects.bulk_create(told)
        transaction.on_commit(wakeup.wake_relay)
    return event
