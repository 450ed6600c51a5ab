"""Publications over HTTP: to be followed, cancelled and, when an undo failed, tried again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rest.filters import StrictBooleanFilter
from apps.rest.viewsets import ReadViewSet, actor_of
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.actions.publication_retry import publication_retry
from catalog_services.offering.domain.publication import STATES
from catalog_services.offering.models import Publication
from catalog_services.offering.selectors.publication import UNRESOLVED, publication_state, publications


class StepSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    state = serializers.ChoiceField(
        choices=("running", "failing", "completed", "refused", "failed", "cancelled")
    )
    started = serializers.DateTimeField()
    ended = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_blank=True)


class FailureSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="A problem type's slug, `timeout` or `cancelled`.")
    message = serializers.CharField()
    step = serializers.CharField(allow_blank=True)
    undo = serializers.CharField(
        allow_blank=True, required=False, help_text="What its undo fails by, for as long as that does."
    )


class PublicationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1)
    offering_id = serializers.UUIDField()
    offering_name = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    requested_by = serializers.CharField()
    process_id = serializers.CharField(allow_null=True)
    correlation_id = serializers.CharField()
    failure = FailureSerializer(allow_null=True)
    steps = StepSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Publication) -> dict[str, Any]:
        return {**publication_state(instance), "offering_name": instance.offering.name}


class PublicationFilter(filters.FilterSet):
    offering_id = filters.UUIDFilter()
    state = filters.MultipleChoiceFilter(choices=[(state, state) for state in STATES])
    correlation_id = filters.CharFilter()
    unresolved = StrictBooleanFilter(
        method="only_unresolved",
        help_text="Those that failed, not because somebody cancelled them, and whose offering is a draft since.",
    )

    def only_unresolved(
        self, queryset: QuerySet[Publication], name: str, value: bool
    ) -> QuerySet[Publication]:
        return queryset.filter(UNRESOLVED) if value else queryset.exclude(UNRESOLVED)


@extend_schema(tags=["publications"])
class PublicationViewSet(ReadViewSet):
    queryset = publications()
    serializer_class = PublicationSerializer
    filterset_class = PublicationFilter
    search_fields = ["offering__name"]
    ordering_fields = ["created_at", "updated_at"]

    @extend_schema(request=None, responses={202: PublicationSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        """Stop a publication that is not confirmed yet; everything it did is undone."""
        return self.represent(publication_cancel(actor=actor_of(request), id=pk), status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={202: PublicationSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: UUID) -> Response:
        """Give an undo or a release that stands on an incident new tries."""
        return self.represent(publication_retry(actor=actor_of(request), id=pk), status.HTTP_202_ACCEPTED)
