"""Bases of the serializers: shapes only, nothing is saved by a serializer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not declare, naming them: a typo in a field's name must not lose a value."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({str(name): ["Unknown field."] for name in unknown})
        return super().to_internal_value(data)


class AggregateSerializer(serializers.Serializer[Any]):
    """What every aggregate's representation has; subclasses render with their ``<entity>_state``."""

    id = serializers.UUIDField()
    external_id = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(min_value=1)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
