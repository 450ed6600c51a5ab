from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.admin_kit.model_admin import ActionAdmin, act_on_each
from catalog_services.offering.actions.offering_create import offering_create
from catalog_services.offering.actions.offering_delete import offering_delete
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.offering_retire import offering_retire
from catalog_services.offering.actions.offering_update import offering_update
from catalog_services.offering.api.serializers import OfferingWriteSerializer
from catalog_services.offering.domain.lifecycle import DRAFT
from catalog_services.offering.models import Offering


@admin.register(Offering)
class OfferingAdmin(ActionAdmin):
    list_display = ("name", "lifecycle_status", "is_bundle", "version", "updated_at")
    list_filter = ("lifecycle_status", "is_bundle")
    search_fields = ("name", "description")
    readonly_fields = (
        "lifecycle_status",
        "status_reason",
        "publication_id",
        "published_at",
        "retired_at",
        *ActionAdmin.readonly_fields,
    )
    write_serializer_class = OfferingWriteSerializer
    create_action = offering_create
    update_action = offering_update
    delete_action = offering_delete
    actions = ("publish", "retire")

    @admin.action(description="Publish", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Offering]) -> None:
        actor = request.user.actor  # type: ignore[union-attr]
        act_on_each(self, request, queryset, lambda row: offering_publish(actor=actor, id=row.pk))

    @admin.action(description="Retire", permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Offering]) -> None:
        actor = request.user.actor  # type: ignore[union-attr]
        act_on_each(self, request, queryset, lambda row: offering_retire(actor=actor, id=row.pk))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a draft can be changed; anything else is shown."""
        return super().has_change_permission(request, obj) and (obj is None or obj.lifecycle_status == DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.lifecycle_status == DRAFT)
