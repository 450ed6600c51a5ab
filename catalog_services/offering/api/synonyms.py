"""Synonyms over HTTP."""

from __future__ import annotations

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from apps.rest.serializers import AggregateSerializer, StrictSerializer
from apps.rest.viewsets import AggregateViewSet, crud_schema
from catalog_services.offering.actions.synonym_set_create import synonym_set_create
from catalog_services.offering.actions.synonym_set_delete import synonym_set_delete
from catalog_services.offering.actions.synonym_set_update import synonym_set_update
from catalog_services.offering.domain.synonym_set import MAX_LENGTH, MAX_TERMS
from catalog_services.offering.models import SynonymSet
from catalog_services.offering.selectors.synonym_set import synonym_set_state, synonym_sets


def _terms() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.CharField(max_length=MAX_LENGTH), min_length=2, max_length=MAX_TERMS
    )


class SynonymSetWriteSerializer(StrictSerializer):
    terms = _terms()
    external_id = serializers.CharField(max_length=200, allow_null=True, default=None)


class SynonymSetSerializer(AggregateSerializer):
    terms = _terms()

    def to_representation(self, instance: SynonymSet) -> dict[str, Any]:
        return synonym_set_state(instance)


class SynonymSetFilter(filters.FilterSet):
    """``term`` finds the set that has exactly this term."""

    term = filters.CharFilter(method="with_term")
    external_id = filters.CharFilter()

    def with_term(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(terms__contains=[value])


@crud_schema(SynonymSetWriteSerializer, SynonymSetSerializer)
@extend_schema(tags=["synonyms"])
class SynonymSetViewSet(AggregateViewSet):
    queryset = synonym_sets()
    serializer_class = SynonymSetSerializer
    write_serializer_class = SynonymSetWriteSerializer
    filterset_class = SynonymSetFilter
    search_fields = ["terms"]
    ordering_fields = ["created_at", "updated_at"]
    create_action = synonym_set_create
    update_action = synonym_set_update
    delete_action = synonym_set_delete
