from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.admin_kit.model_admin import ActionAdmin, act_on_each
from apps.references.usage import UsedBy
from catalog_services.offering.actions.offering_create import offering_create
from catalog_services.offering.actions.offering_delete import offering_delete
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.offering_retire import offering_retire
from catalog_services.offering.actions.offering_update import offering_update
from catalog_services.offering.admin import panel
from catalog_services.offering.admin.offering_form import OfferingForm
from catalog_services.offering.api.serializers import OfferingWriteSerializer
from catalog_services.offering.domain.lifecycle import DRAFT, PUBLISHED, PUBLISHING, RETIRED
from catalog_services.offering.models import Offering

STATUS_NAMES = {
    DRAFT: _("Draft"),
    PUBLISHING: _("Being published"),
    PUBLISHED: _("Published"),
    RETIRED: _("Retired"),
}


@admin.register(Offering)
class OfferingAdmin(ActionAdmin):
    list_display = ("name", "status", "is_bundle", "version", "updated_at")
    list_filter = ("lifecycle_status", "is_bundle")
    more_columns = (
        "description",
        "sales_channels",
        "market_segments",
        "valid_from",
        "valid_to",
        "status_reason",
        "published_at",
        "retired_at",
        *ActionAdmin.more_columns,
    )
    bulk_fields = (
        "sales_channels",
        "market_segments",
        "category_ids",
        "catalog_ids",
        "specification_ids",
        "pricing_ids",
        "valid_from",
        "valid_to",
        "description",
    )
    search_fields = ("name", "description")
    form = OfferingForm
    fieldsets = (
        (None, {"fields": ("name", "description", "is_bundle")}),
        (
            _("What it consists of"),
            {"fields": ("specification_ids", "characteristic_values", "bundled_offerings")},
        ),
        (_("What it costs"), {"fields": ("pricing_ids",)}),
        (
            _("Where it is sold"),
            {
                "fields": (
                    "sales_channels",
                    "market_segments",
                    "category_ids",
                    "catalog_ids",
                    "valid_from",
                    "valid_to",
                )
            },
        ),
        *ActionAdmin.record_fieldsets,
    )
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
    used_by = (UsedBy("bundle", "offering", "/api/v1/offerings", "bundled_offering_id"),)
    actions = ("publish", "retire")
    change_form_outer_before_template = panel.TEMPLATE

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<uuid:object_id>/panel/",
            self.admin_site.admin_view(self.panel_view),
            name="offering_offering_panel",
        )
        return [own, *super().get_urls()]

    def panel_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return panel.panel_view(request, object_id, may_change=super().has_change_permission(request))

    def form_context(self, request: HttpRequest, row: Offering) -> dict[str, Any]:
        """The form below the panel of what is edited."""
        shown = panel.context(row, may_change=super().has_change_permission(request))
        return {**super().form_context(request, row), **shown, "offering": row}

    @display(
        description=_("Status"),
        ordering="lifecycle_status",
        label={DRAFT: "info", PUBLISHING: "warning", PUBLISHED: "success", RETIRED: "danger"},
    )
    def status(self, row: Offering) -> tuple[str, str]:
        return row.lifecycle_status, str(STATUS_NAMES[row.lifecycle_status])

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
