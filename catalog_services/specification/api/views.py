from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request

from apps.core.errors import ValidationFailed
from apps.rest.viewsets import AggregateViewSet, crud_schema
from catalog_services.specification.actions.specification_create import specification_create
from catalog_services.specification.actions.specification_delete import specification_delete
from catalog_services.specification.actions.specification_update import specification_update
from catalog_services.specification.api.filters import SpecificationFilter
from catalog_services.specification.api.serializers import (
    SpecificationSerializer,
    SpecificationWriteSerializer,
)
from catalog_services.specification.selectors.specification import specifications

FORCE = OpenApiParameter(
    "force", bool, description="An admin insists: delete although an offering may use it; nobody is asked."
)


@extend_schema_view(destroy=extend_schema(parameters=[FORCE], responses={204: None}))
@crud_schema(SpecificationWriteSerializer, SpecificationSerializer)
@extend_schema(tags=["specifications"])
class SpecificationViewSet(AggregateViewSet):
    queryset = specifications()
    serializer_class = SpecificationSerializer
    write_serializer_class = SpecificationWriteSerializer
    filterset_class = SpecificationFilter
    search_fields = ["name", "description", "brand", "product_number"]
    ordering_fields = ["name", "brand", "product_number", "created_at", "updated_at"]
    create_action = specification_create
    update_action = specification_update
    delete_action = specification_delete
    write_parameters: ClassVar[Mapping[str, Set[str]]] = {"destroy": {"force"}}

    def delete_options(self, request: Request) -> dict[str, Any]:
        given = request.query_params.get("force", "false")
        if given not in {"true", "false"}:
            raise ValidationFailed(
                "force: Must be true or false.", errors={"force": ["Must be true or false."]}
            )
        return {"force": given == "true"}
