"""The shapes of what an operator's page is made of, for the documentation."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.ops import flow
from apps.outbox.backlog import UNSETTLED
from apps.outbox.models import Delivery


class DeliverySerializer(serializers.Serializer[Any]):
    subscriber = serializers.CharField()
    state = serializers.ChoiceField(choices=Delivery.State.values)
    attempts = serializers.IntegerField(help_text="Refusals.")
    resends = serializers.IntegerField(help_text="How often it met silence since the last answer.")
    sent_at = serializers.DateTimeField(allow_null=True)
    settled_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class CorrelatedEventSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    type = serializers.CharField()
    subject = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    actor = serializers.CharField(allow_blank=True)
    causation_id = serializers.CharField(
        allow_blank=True, help_text="The event that led to it; empty when a person or a step did."
    )
    trace_id = serializers.CharField(allow_blank=True, help_text="32 hex digits, or empty.")
    deliveries = DeliverySerializer(many=True)


class CorrelatedSerializer(serializers.Serializer[Any]):
    service = serializers.CharField()
    events = CorrelatedEventSerializer(many=True)
    more = serializers.BooleanField(help_text="There are others, which are not told.")


class AppliedEventSerializer(serializers.Serializer[Any]):
    event_id = serializers.UUIDField()
    applied_at = serializers.DateTimeField()


class AppliedSerializer(serializers.Serializer[Any]):
    service = serializers.CharField()
    applied = AppliedEventSerializer(many=True)


class WaitingSerializer(serializers.Serializer[Any]):
    """Deliveries to a subscriber by their state."""

    def get_fields(self) -> dict[str, Any]:
        return {state: serializers.IntegerField() for state in UNSETTLED}


class FlowSerializer(serializers.Serializer[Any]):
    service = serializers.CharField()
    at = serializers.DateTimeField()
    events_last_minute = serializers.IntegerField()
    deliveries = serializers.DictField(child=WaitingSerializer(), help_text="By subscriber.")
    oldest_seconds = serializers.DictField(
        child=serializers.FloatField(), help_text="By subscriber; 0 when nothing is on its way."
    )
    queues = serializers.DictField(
        child=serializers.IntegerField(allow_null=True), help_text="By name; null while the broker is down."
    )

    def get_fields(self) -> dict[str, Any]:
        counts = serializers.DictField(child=serializers.IntegerField())
        return {**super().get_fields(), **dict.fromkeys(flow.parts(), counts)}
