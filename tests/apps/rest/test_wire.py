"""What DRF would bend into shape is refused where a serializer is strict."""

from __future__ import annotations

import pytest
from rest_framework import serializers

from apps.rest.fields import ValueField
from apps.rest.serializers import StrictSerializer


class Thing(StrictSerializer):
    text = serializers.CharField()
    texts = serializers.ListField(child=serializers.CharField())
    flag = serializers.BooleanField()
    number = serializers.IntegerField()
    id = serializers.UUIDField()
    at = serializers.DateTimeField(allow_null=True)
    value = ValueField()


GOOD = {
    "text": "a",
    "texts": ["a"],
    "flag": True,
    "number": 3,
    "id": "01890000-0000-7000-8000-000000000000",
    "at": None,
    "value": "1",
}


@pytest.mark.parametrize("change", [{}, {"value": 1.5}, {"value": True}, {"at": "2026-01-01T00:00:00Z"}])
def test_the_right_types_pass(change):
    serializer = Thing(data=GOOD | change)
    assert serializer.is_valid(), serializer.errors


@pytest.mark.parametrize(
    "change",
    [
        {"text": 7},
        {"text": True},
        {"texts": [7]},
        {"texts": "a"},
        {"flag": "yes"},
        {"flag": 1},
        {"number": "3"},
        {"number": True},
        {"number": 1.5},
        {"id": 7},
        {"at": 1700000000},
        {"value": {}},
        {"colour": "red"},
    ],
)
def test_another_json_type_or_an_unknown_field_is_refused_at_its_field(change):
    serializer = Thing(data=GOOD | change)
    assert not serializer.is_valid()
    assert set(serializer.errors) == set(change)
