"""Shapes on the wire; rules are in the domain."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from apps.core.units import MEASURABLE
from apps.rest.serializers import AggregateSerializer, StrictSerializer
from catalog_services.pricing.api.fields import DecimalTextField
from catalog_services.pricing.domain.money import CURRENCIES
from catalog_services.pricing.domain.price import MAX_PERIOD_LENGTH, PERIODS, PRICE_TYPES
from catalog_services.pricing.models import Price
from catalog_services.pricing.selectors.price import price_representation


@extend_schema_field({"type": "string", "pattern": r"^[0-9]{1,12}(\.[0-9]{1,6})?$", "examples": ["19.99"]})
class WrittenDecimal(serializers.CharField):
    """A decimal as the service writes it."""


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A monthly price",
            value={"name": "Fibre 500 monthly", "value": "39.90", "currency": "EUR", "unit": "per month"},
            request_only=True,
        ),
        OpenApiExample(
            "A usage price",
            value={
                "name": "Data roaming",
                "value": "0.0125",
                "currency": "EUR",
                "price_type": "usage",
                "unit_of_measure": "MB",
                "tax_rate": "19",
            },
            request_only=True,
        ),
    ]
)
class PriceWriteSerializer(StrictSerializer):
    """``{"name", "value", "currency", "unit": "per month"}`` is a whole, valid create."""

    name = serializers.CharField(max_length=200)
    value = DecimalTextField(
        help_text="Above 0, with as many places as the currency's minor unit; usage up to 6."
    )
    currency = serializers.ChoiceField(choices=CURRENCIES, help_text="ISO 4217.")
    unit = serializers.CharField(
        allow_blank=True, max_length=100, default="", help_text='A label. "per month" also says the period.'
    )
    price_type = serializers.ChoiceField(
        choices=PRICE_TYPES,
        allow_null=True,
        default=None,
        help_text="Absent: recurring with a period, usage with a unit of measure, else one_time.",
    )
    recurring_period = serializers.ChoiceField(choices=PERIODS, allow_null=True, default=None)
    recurring_period_length = serializers.IntegerField(
        min_value=1, max_value=MAX_PERIOD_LENGTH, allow_null=True, default=None, help_text="1 when absent."
    )
    unit_of_measure = serializers.ChoiceField(
        choices=MEASURABLE, allow_null=True, default=None, help_text="What a usage price is for one of."
    )
    tax_rate = DecimalTextField(allow_null=True, default=None, help_text="Percent, from 0 to 100.")
    tax_included = serializers.BooleanField(default=False)
    valid_from = serializers.DateTimeField(allow_null=True, default=None)
    valid_to = serializers.DateTimeField(allow_null=True, default=None)
    external_id = serializers.CharField(max_length=200, allow_null=True, default=None)


class PriceSerializer(AggregateSerializer):
    name = serializers.CharField()
    value = WrittenDecimal()
    currency = serializers.ChoiceField(choices=CURRENCIES)
    unit = serializers.CharField(allow_blank=True)
    price_type = serializers.ChoiceField(choices=PRICE_TYPES)
    recurring_period = serializers.ChoiceField(choices=PERIODS, allow_null=True)
    recurring_period_length = serializers.IntegerField(allow_null=True, min_value=1)
    unit_of_measure = serializers.ChoiceField(choices=MEASURABLE, allow_null=True)
    tax_rate = WrittenDecimal(allow_null=True)
    tax_included = serializers.BooleanField()
    valid_from = serializers.DateTimeField(allow_null=True)
    valid_to = serializers.DateTimeField(allow_null=True)
    locked = serializers.BooleanField(
        help_text="A publication holds it: no change and no deletion until it ended."
    )

    def to_representation(self, instance: Price) -> dict[str, Any]:
        return price_representation(instance)


class HolderSerializer(StrictSerializer):
    publication_id = serializers.UUIDField()
