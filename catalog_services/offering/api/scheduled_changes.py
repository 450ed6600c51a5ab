"""Scheduled changes over HTTP: to be looked at, cancelled and, when they failed, tried again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rest.filters import MomentFilter
from apps.rest.serializers import StrictSerializer
from apps.rest.viewsets import ReadViewSet, actor_of
from catalog_services.offering.actions.scheduled_change_cancel import scheduled_change_cancel
from catalog_services.offering.actions.scheduled_change_retry import scheduled_change_retry
from catalog_services.offering.domain.scheduled_change import KINDS, STATES
from catalog_services.offering.models import ScheduledChange
from catalog_services.offering.selectors.scheduled_change import scheduled_change_state, scheduled_changes


class ScheduleSerializer(StrictSerializer):
    kind = serializers.ChoiceField(choices=KINDS)
    at = serializers.DateTimeField(help_text="In the future; a retirement is after its publication.")


class ScheduledChangeSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1)
    offering_id = serializers.UUIDField()
    offering_name = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=STATES)
    reason = serializers.CharField(allow_blank=True)
    scheduled_by = serializers.CharField()
    correlation_id = serializers.CharField()
    publication_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.CharField(allow_blank=True)

    def to_representation(self, instance: ScheduledChange) -> dict[str, Any]:
        return scheduled_change_state(instance)


class ScheduledChangeFilter(filters.FilterSet):
    """``kind`` and ``state`` may be repeated."""

    offering_id = filters.UUIDFilter()
    kind = filters.MultipleChoiceFilter(choices=[(kind, kind) for kind in KINDS])
    state = filters.MultipleChoiceFilter(choices=[(state, state) for state in STATES])
    at_after = MomentFilter(field_name="at", lookup_expr="gte")
    at_before = MomentFilter(field_name="at", lookup_expr="lte")
    correlation_id = filters.CharFilter()


@extend_schema(tags=["scheduled changes"])
class ScheduledChangeViewSet(ReadViewSet):
    queryset = scheduled_changes()
    serializer_class = ScheduledChangeSerializer
    filterset_class = ScheduledChangeFilter
    search_fields = ["offering__name"]
    ordering_fields = ["at", "created_at", "updated_at"]

    @extend_schema(request=None, responses=ScheduledChangeSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        """It will not be carried out; one that failed is settled."""
        return self.represent(scheduled_change_cancel(actor=actor_of(request), id=pk))

    @extend_schema(request=None, responses=ScheduledChangeSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: UUID) -> Response:
        """Carry out now what could not be carried out when it was due."""
        return self.represent(scheduled_change_retry(actor=actor_of(request), id=pk))
