"""Shapes on the wire; rules are in the domain."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.core.units import UNITS
from apps.core.values import VALUE_TYPES
from apps.rest.fields import ValueField
from apps.rest.serializers import AggregateSerializer, StrictSerializer
from catalog_services.characteristic.domain.characteristic import MAX_VALUES
from catalog_services.characteristic.models import Characteristic
from catalog_services.characteristic.selectors.characteristic import characteristic_state


class AllowedValueSerializer(StrictSerializer):
    value = ValueField()
    is_default = serializers.BooleanField(default=False)


class CharacteristicWriteSerializer(StrictSerializer):
    """``{"name", "value", "unit_of_measure"}`` is a whole, valid create."""

    name = serializers.CharField(max_length=200)
    description = serializers.CharField(allow_blank=True, max_length=10_000, default="")
    value_type = serializers.ChoiceField(
        choices=VALUE_TYPES,
        allow_null=True,
        default=None,
        help_text="Absent: number with a unit that is measured, else string.",
    )
    unit_of_measure = serializers.ChoiceField(choices=UNITS, default="None")
    values: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=AllowedValueSerializer(), default=list, max_length=MAX_VALUES
    )
    value = ValueField(
        required=False,
        allow_null=True,
        help_text="The default value, the simple form of `values`; null is none. Beside `values` it is one of "
        "them (of an empty list the only one), and they decide when it is null, or as it was while they mark another.",
    )
    external_id = serializers.CharField(max_length=200, allow_null=True, default=None)


class CharacteristicSerializer(AggregateSerializer):
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    value_type = serializers.ChoiceField(choices=VALUE_TYPES)
    unit_of_measure = serializers.ChoiceField(choices=UNITS)
    values = AllowedValueSerializer(many=True)
    value = serializers.CharField(allow_null=True)

    def to_representation(self, instance: Characteristic) -> dict[str, Any]:
        return characteristic_state(instance)
