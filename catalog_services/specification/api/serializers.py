"""Shapes on the wire; rules are in the domain."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from apps.rest.fields import ValueField
from apps.rest.serializers import AggregateSerializer, StrictSerializer
from catalog_services.specification.domain.choice import FULL, MAX_CARDINALITY, MAX_VALUES, SIMPLE
from catalog_services.specification.domain.specification import MAX_CHARACTERISTICS
from catalog_services.specification.models import Specification
from catalog_services.specification.selectors.specification import specification_state

EXAMPLE_ID = "01936f2e-7d00-7000-8000-000000000001"


class ChoiceWriteSerializer(StrictSerializer):
    """What is left out is the characteristic's own: all its values, its default."""

    id = serializers.UUIDField()
    values = serializers.ListField(child=ValueField(), max_length=MAX_VALUES, required=False)
    default = ValueField(allow_null=True, required=False)
    configurable = serializers.BooleanField(default=True)
    min_cardinality = serializers.IntegerField(min_value=0, max_value=MAX_CARDINALITY, default=0)
    max_cardinality = serializers.IntegerField(min_value=1, max_value=MAX_CARDINALITY, default=1)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "With each characteristic's own values",
            value={"name": "Fibre line", "characteristic_ids": [EXAMPLE_ID]},
            request_only=True,
        ),
        OpenApiExample(
            "In full",
            value={
                "name": "Fibre line 500",
                "brand": "Acme",
                "product_number": "FL-500",
                "characteristics": [
                    {
                        "id": EXAMPLE_ID,
                        "values": ["100", "500"],
                        "default": "500",
                        "configurable": True,
                        "min_cardinality": 1,
                        "max_cardinality": 1,
                    }
                ],
            },
            request_only=True,
        ),
    ]
)
class SpecificationWriteSerializer(StrictSerializer):
    """Either ``characteristic_ids`` or ``characteristics``; both when they choose the same."""

    name = serializers.CharField(max_length=200)
    description = serializers.CharField(allow_blank=True, max_length=10_000, default="")
    brand = serializers.CharField(allow_blank=True, max_length=200, default="")
    product_number = serializers.CharField(allow_blank=True, max_length=200, default="")
    external_id = serializers.CharField(max_length=200, allow_null=True, default=None)
    characteristic_ids = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=MAX_CHARACTERISTICS,
        required=False,
        help_text="The simple form: each characteristic with all its values and its default.",
    )
    characteristics: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=ChoiceWriteSerializer(), max_length=MAX_CHARACTERISTICS, required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A whole body has one of the two; a partial one, whose serializer has the given fields only, need not."""
        if {SIMPLE, FULL} <= set(self.fields) and not {SIMPLE, FULL} & set(attrs):
            raise serializers.ValidationError({FULL: [f"Give {FULL} or {SIMPLE}."]})
        return attrs


class ChoiceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    values = serializers.ListField(child=serializers.CharField())
    default = serializers.CharField(allow_null=True)
    configurable = serializers.BooleanField()
    min_cardinality = serializers.IntegerField(min_value=0)
    max_cardinality = serializers.IntegerField(min_value=1)


class SpecificationSerializer(AggregateSerializer):
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    brand = serializers.CharField(allow_blank=True)
    product_number = serializers.CharField(allow_blank=True)
    characteristics = ChoiceSerializer(many=True)
    characteristic_ids = serializers.ListField(child=serializers.UUIDField())

    def to_representation(self, instance: Specification) -> dict[str, Any]:
        return specification_state(instance)
