from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.actor import ADMIN, SERVICE
from apps.rest.serializers import shaped
from apps.rest.viewsets import AggregateViewSet, crud_schema
from catalog_services.pricing.actions.price_create import price_create
from catalog_services.pricing.actions.price_delete import price_delete
from catalog_services.pricing.actions.price_unlock import price_unlock
from catalog_services.pricing.actions.price_update import price_update
from catalog_services.pricing.actions.prices_lock import prices_lock
from catalog_services.pricing.api.filters import PriceFilter
from catalog_services.pricing.api.serializers import HolderSerializer, PriceSerializer, PriceWriteSerializer
from catalog_services.pricing.selectors.price import prices_with_locks

HOLDERS = frozenset({ADMIN, SERVICE})


@crud_schema(PriceWriteSerializer, PriceSerializer)
@extend_schema(tags=["prices"])
class PriceViewSet(AggregateViewSet):
    queryset = prices_with_locks()
    serializer_class = PriceSerializer
    write_serializer_class = PriceWriteSerializer
    filterset_class = PriceFilter
    search_fields = ["name", "unit"]
    ordering_fields = ["name", "value", "currency", "valid_from", "valid_to", "created_at", "updated_at"]
    required_roles = {"lock": HOLDERS, "unlock": HOLDERS}
    create_action = price_create
    update_action = price_update
    delete_action = price_delete
    momentary = frozenset({"locked"})

    @extend_schema(request=HolderSerializer, responses=PriceSerializer)
    @action(detail=True, methods=["post"])
    def lock(self, request: Request, pk: UUID) -> Response:
        """Hold the price for a publication; 409 when that publication has ended here. Repeating it changes nothing."""
        (row,) = prices_lock(price_ids=[pk], publication_id=self._holder(request))
        return self.represent(row)

    @extend_schema(request=HolderSerializer, responses=PriceSerializer)
    @action(detail=True, methods=["post"])
    def unlock(self, request: Request, pk: UUID) -> Response:
        """Release that publication's hold and no other's; repeating it changes nothing."""
        return self.represent(price_unlock(id=pk, publication_id=self._holder(request)))

    def _holder(self, request: Request) -> UUID:
        publication_id: UUID = shaped(HolderSerializer, request.data)["publication_id"]
        return publication_id
