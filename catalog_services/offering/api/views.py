from __future__ import annotations

from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rest.etags import etag, expected_version
from apps.rest.serializers import shaped
from apps.rest.viewsets import AggregateViewSet, actor_of, crud_schema
from catalog_services.offering.actions.catalog_create import catalog_create
from catalog_services.offering.actions.catalog_delete import catalog_delete
from catalog_services.offering.actions.catalog_update import catalog_update
from catalog_services.offering.actions.category_create import category_create
from catalog_services.offering.actions.category_delete import category_delete
from catalog_services.offering.actions.category_update import category_update
from catalog_services.offering.actions.offering_create import offering_create
from catalog_services.offering.actions.offering_delete import offering_delete
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.offering_retire import offering_retire
from catalog_services.offering.actions.offering_schedule import offering_schedule
from catalog_services.offering.actions.offering_update import offering_update
from catalog_services.offering.api.filters import CategoryFilter, NamedFilter, OfferingFilter
from catalog_services.offering.api.publications import PublicationSerializer
from catalog_services.offering.api.scheduled_changes import ScheduledChangeSerializer, ScheduleSerializer
from catalog_services.offering.api.serializers import (
    CatalogSerializer,
    CatalogWriteSerializer,
    CategorySerializer,
    CategoryWriteSerializer,
    OfferingSerializer,
    OfferingWriteSerializer,
)
from catalog_services.offering.selectors.catalog import catalogs
from catalog_services.offering.selectors.category import categories
from catalog_services.offering.selectors.offering import offerings
from catalog_services.offering.selectors.publication import publications


@crud_schema(OfferingWriteSerializer, OfferingSerializer)
@extend_schema(tags=["offerings"])
class OfferingViewSet(AggregateViewSet):
    queryset = offerings()
    serializer_class = OfferingSerializer
    write_serializer_class = OfferingWriteSerializer
    filterset_class = OfferingFilter
    search_fields = ["name", "description"]
    ordering_fields = ["name", "created_at", "updated_at", "published_at"]
    create_action = offering_create
    update_action = offering_update
    delete_action = offering_delete

    @extend_schema(request=None, responses={200: OfferingSerializer})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: UUID) -> Response:
        """Take a published offering off the market."""
        row = offering_retire(actor=actor_of(request), id=pk, expected_version=expected_version(request))
        return self.represent(row)

    @extend_schema(request=None, responses={202: OfferingSerializer})
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: UUID) -> Response:
        """Start a publication; `Location` is where to follow it. 400 names what is missing."""
        row = offering_publish(actor=actor_of(request), id=pk, expected_version=expected_version(request))
        response = self.represent(row, status.HTTP_202_ACCEPTED)
        response["Location"] = f"/api/v1/publications/{row.publication_id}"
        return response

    @extend_schema(request=ScheduleSerializer, responses={201: ScheduledChangeSerializer})
    @action(detail=True, methods=["post"])
    def schedule(self, request: Request, pk: UUID) -> Response:
        """Have it published or retired at a moment; `Location` is where that is followed and cancelled."""
        row = offering_schedule(
            actor=actor_of(request),
            id=pk,
            expected_version=expected_version(request),
            **shaped(ScheduleSerializer, request.data),
        )
        headers = {"Location": f"/api/v1/scheduled-changes/{row.pk}", "ETag": etag(row.version)}
        return Response(ScheduledChangeSerializer(row).data, status=status.HTTP_201_CREATED, headers=headers)

    @extend_schema(request=None, responses=PublicationSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], filter_backends=[])
    def publications(self, request: Request, pk: UUID) -> Response:
        """Every attempt to publish this offering, the latest first."""
        if not self.get_queryset().filter(pk=pk).exists():
            raise Http404
        page = self.paginate_queryset(publications().filter(offering_id=pk))
        return self.get_paginated_response(PublicationSerializer(page, many=True).data)


@crud_schema(CategoryWriteSerializer, CategorySerializer)
@extend_schema(tags=["categories"])
class CategoryViewSet(AggregateViewSet):
    queryset = categories()
    serializer_class = CategorySerializer
    write_serializer_class = CategoryWriteSerializer
    filterset_class = CategoryFilter
    search_fields = ["name", "description"]
    ordering_fields = ["name", "created_at", "updated_at"]
    create_action = category_create
    update_action = category_update
    delete_action = category_delete


@crud_schema(CatalogWriteSerializer, CatalogSerializer)
@extend_schema(tags=["catalogs"])
class CatalogViewSet(AggregateViewSet):
    queryset = catalogs()
    serializer_class = CatalogSerializer
    write_serializer_class = CatalogWriteSerializer
    filterset_class = NamedFilter
    search_fields = ["name", "description"]
    ordering_fields = ["name", "created_at", "updated_at"]
    create_action = catalog_create
    update_action = catalog_update
    delete_action = catalog_delete
