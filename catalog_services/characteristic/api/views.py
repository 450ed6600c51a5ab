from __future__ import annotations

from drf_spectacular.utils import extend_schema

from apps.rest.viewsets import AggregateViewSet, crud_schema
from catalog_services.characteristic.actions.characteristic_create import characteristic_create
from catalog_services.characteristic.actions.characteristic_delete import characteristic_delete
from catalog_services.characteristic.actions.characteristic_update import characteristic_update
from catalog_services.characteristic.api.filters import CharacteristicFilter
from catalog_services.characteristic.api.serializers import (
    CharacteristicSerializer,
    CharacteristicWriteSerializer,
)
from catalog_services.characteristic.selectors.characteristic import characteristics


@crud_schema(CharacteristicWriteSerializer, CharacteristicSerializer)
@extend_schema(tags=["characteristics"])
class CharacteristicViewSet(AggregateViewSet):
    queryset = characteristics()
    serializer_class = CharacteristicSerializer
    write_serializer_class = CharacteristicWriteSerializer
    filterset_class = CharacteristicFilter
    search_fields = ["name", "description"]
    ordering_fields = ["name", "created_at", "updated_at"]
    create_action = characteristic_create
    update_action = characteristic_update
    delete_action = characteristic_delete
