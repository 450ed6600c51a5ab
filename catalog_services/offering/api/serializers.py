"""Shapes on the wire; rules are in the domain."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.rest.fields import ValueField
from apps.rest.serializers import AggregateSerializer, StrictSerializer
from catalog_services.offering.domain.lifecycle import STATUSES
from catalog_services.offering.domain.offering import MAX_REFERENCES
from catalog_services.offering.models import Catalog, Category, Offering
from catalog_services.offering.selectors.catalog import catalog_state
from catalog_services.offering.selectors.category import category_state
from catalog_services.offering.selectors.offering import offering_state


def _ids(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.UUIDField(), **kwargs)


def _texts(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(max_length=100), **kwargs)


class BundledOfferingSerializer(StrictSerializer):
    id = serializers.UUIDField()
    min = serializers.IntegerField(min_value=0, max_value=1000, default=1)
    max = serializers.IntegerField(min_value=1, max_value=1000, default=1)
    default = serializers.IntegerField(min_value=0, max_value=1000, default=1)


class PinnedValueSerializer(StrictSerializer):
    characteristic_id = serializers.UUIDField()
    value = ValueField()


class _NamedWriteSerializer(StrictSerializer):
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(allow_blank=True, max_length=10_000, default="")
    external_id = serializers.CharField(max_length=200, allow_null=True, default=None)


class _ValidWriteSerializer(_NamedWriteSerializer):
    valid_from = serializers.DateTimeField(allow_null=True, default=None)
    valid_to = serializers.DateTimeField(allow_null=True, default=None)


class OfferingWriteSerializer(_ValidWriteSerializer):
    """A draft needs only a name."""

    specification_ids = _ids(default=list, max_length=MAX_REFERENCES)
    pricing_ids = _ids(default=list, max_length=MAX_REFERENCES)
    category_ids = _ids(default=list, max_length=MAX_REFERENCES)
    catalog_ids = _ids(default=list, max_length=MAX_REFERENCES)
    sales_channels = _texts(default=list, max_length=MAX_REFERENCES)
    market_segments = _texts(default=list, max_length=MAX_REFERENCES)
    is_bundle = serializers.BooleanField(default=False)
    bundled_offerings: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=BundledOfferingSerializer(), default=list, max_length=MAX_REFERENCES
    )
    characteristic_values: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=PinnedValueSerializer(), default=list, max_length=MAX_REFERENCES
    )


class OfferingSerializer(AggregateSerializer):
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    specification_ids = _ids()
    pricing_ids = _ids()
    category_ids = _ids()
    catalog_ids = _ids()
    sales_channels = _texts()
    market_segments = _texts()
    is_bundle = serializers.BooleanField()
    bundled_offerings = BundledOfferingSerializer(many=True)
    characteristic_values = PinnedValueSerializer(many=True)
    valid_from = serializers.DateTimeField(allow_null=True)
    valid_to = serializers.DateTimeField(allow_null=True)
    lifecycle_status = serializers.ChoiceField(choices=STATUSES)
    status_reason = serializers.CharField(allow_blank=True)
    publication_id = serializers.UUIDField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Offering) -> dict[str, Any]:
        return offering_state(instance)


class CategoryWriteSerializer(_NamedWriteSerializer):
    parent_id = serializers.UUIDField(allow_null=True, default=None)


class CategorySerializer(AggregateSerializer):
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    parent_id = serializers.UUIDField(allow_null=True)

    def to_representation(self, instance: Category) -> dict[str, Any]:
        return category_state(instance)


class CatalogWriteSerializer(_ValidWriteSerializer):
    pass


class CatalogSerializer(AggregateSerializer):
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    valid_from = serializers.DateTimeField(allow_null=True)
    valid_to = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Catalog) -> dict[str, Any]:
        return catalog_state(instance)
