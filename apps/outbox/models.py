"""The producer's tables: what happened, who must hear of it; and the consumer's: what was heard."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from apps.core import clock

AGGREGATE_VERSION = Cast(KT("envelope__aggregateversion"), models.IntegerField())
"""An event's version of its aggregate, as the index has it."""

DELETED = Q(type__endswith="Deleted.v1")
"""The events that tell of an end; said in a query as the index has it."""

_REFUSE = "RAISE EXCEPTION 'Events are history: % of % is refused.', TG_OP, TG_TABLE_NAME;"


class OutboxEvent(models.Model):
    """One event as it goes on the wire; written in the transaction of the change it tells of.

    The database refuses to change or to remove it, whoever asks; ``retention`` alone has a way in.
    """

    event_id = models.UUIDField(unique=True)
    type = models.CharField(max_length=120)
    subject = models.CharField(max_length=64)
    correlation_id = models.CharField(max_length=64)
    envelope = models.JSONField()
    created_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        indexes = [
            models.Index("subject", AGGREGATE_VERSION, name="outbox_event_version"),
            # In order: of a hundred thousand events of one import the first ones are read alone.
            models.Index(fields=["correlation_id", "id"], name="outbox_event_correlation"),
            # Few of all events, and so found without reading the others.
            models.Index(fields=["type", "-id"], condition=DELETED, name="outbox_event_deleted"),
        ]
        # Once per statement: an insert, which is all that ever happens to this table, pays nothing.
        triggers = [
            pgtrigger.Trigger(
                name="kept",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_REFUSE,
            ),
            pgtrigger.Trigger(
                name="never_emptied",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func=_REFUSE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class Delivery(models.Model):
    """One event on its way to one subscriber.

    ``attempts`` counts refusals (nack) and ends in ``DEAD``; ``resends`` counts how often silence was met since
    the last answer. A row with attempts that is not done holds back the later events of its subject for that
    subscriber: they are ``HELD`` until it is.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        HELD = "held"
        SENT = "sent"
        DONE = "done"
        DEAD = "dead"

    # The constraint's index serves the key, too.
    event = models.ForeignKey(
        OutboxEvent, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    subscriber = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    resends = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="outbox_delivery_once")]
        indexes = [
            models.Index(
                fields=["subscriber", "id"], condition=Q(state="pending"), name="outbox_delivery_waiting"
            ),
            models.Index(
                fields=["subscriber", "sent_at"], condition=Q(state="sent"), name="outbox_delivery_unanswered"
            ),
            models.Index(
                fields=["subscriber", "subject"], condition=Q(state="held"), name="outbox_delivery_held"
            ),
            models.Index(
                fields=["subscriber", "subject", "id"],
                condition=Q(attempts__gt=0) & ~Q(state="done"),
                name="outbox_delivery_holding",
            ),
            models.Index(fields=["subscriber"], condition=Q(state="dead"), name="outbox_delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.subscriber}: {self.get_state_display()}"


class DeadLetter(Delivery):
    """A delivery that its subscriber refused for good, as the admin shows it."""

    class Meta:
        proxy = True
        verbose_name = "dead letter"


class InboxRecord(models.Model):
    """Proof that this service has applied an event; written in the transaction of the effect."""

    event_id = models.UUIDField(primary_key=True)
    applied_at = models.DateTimeField(default=clock.now, db_index=True)

    def __str__(self) -> str:
        return str(self.event_id)


class Tombstone(models.Model):
    """A deleted aggregate and the version of its deletion, for snapshots and digests."""

    kind = models.CharField(max_length=40)
    aggregate_id = models.UUIDField(primary_key=True)
    version = models.PositiveIntegerField()
    deleted_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.kind} {self.aggregate_id}"
