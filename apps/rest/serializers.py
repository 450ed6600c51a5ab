"""Bases of the serializers: shapes only, nothing is saved by a serializer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.rest.problems import refusal
from apps.rest.wire import wrong_type


def shaped(
    serializer_class: type[serializers.BaseSerializer[Any]], data: Any, *, partial: bool = False
) -> dict[str, Any]:
    """An action's fields, checked for their shape; rules are the domain's to check. Raises ``ValidationFailed``.

    ``partial`` data may leave fields out, but what they give is whole: DRF's own ``partial`` would also make
    every field of every nested object optional.
    """
    serializer: Any = serializer_class(data=data)
    if partial and isinstance(data, dict):
        for name in set(serializer.fields) - set(data):
            del serializer.fields[name]
    try:
        serializer.is_valid(raise_exception=True)
    except serializers.ValidationError as error:
        raise refusal(error) from error
    return dict(serializer.validated_data)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not declare and values of another JSON type, naming them: a typo in a field's name
    must not lose a value, and a number is not a name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            wrong = {str(name): ["Unknown field."] for name in sorted(set(data) - set(self.fields))}
            for name, field in self.fields.items():
                if message := wrong_type(field, data.get(name)):
                    wrong[name] = [message]
            if wrong:
                raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


class AggregateSerializer(serializers.Serializer[Any]):
    """What every aggregate's representation has; subclasses render with their ``<entity>_state``."""

    id = serializers.UUIDField()
    external_id = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(min_value=1)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
