from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.admin_lists.bulk_act import act_on_each, first_ones, is_across
from apps.exchange.admin import ExchangeAdmin
from apps.references.usage import UsedBy
from catalog_services.offering.actions.offering_create import offering_create
from catalog_services.offering.actions.offering_delete import offering_delete
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.offering_retire import offering_retire
from catalog_services.offering.actions.offering_update import offering_update
from catalog_services.offering.admin import panel, preview, retiring, usage
from catalog_services.offering.admin.exchange import OfferingResource
from catalog_services.offering.admin.offering_form import OfferingForm
from catalog_services.offering.api.serializers import OfferingWriteSerializer
from catalog_services.offering.domain.lifecycle import (
    DRAFT,
    PUBLISHED,
    PUBLISHING,
    RETIRED,
    check_changeable,
)
from catalog_services.offering.models import Offering


@admin.register(Offering)
class OfferingAdmin(ExchangeAdmin):
    list_display = ("name", "status", "bundle", "version", "updated_at")
    list_filter = ("lifecycle_status", "is_bundle", *usage.FILTERS)
    more_columns = (
        "description",
        "sales_channels",
        "market_segments",
        "valid_from",
        "valid_to",
        "status_reason",
        "published_at",
        "retired_at",
        *ExchangeAdmin.more_columns,
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
        *ExchangeAdmin.record_fieldsets,
    )
    readonly_fields = (
        "lifecycle_status",
        "status_reason",
        "publication_id",
        "published_at",
        "retired_at",
        *ExchangeAdmin.readonly_fields,
    )
    resource_class = OfferingResource
    write_serializer_class = OfferingWriteSerializer
    create_action = offering_create
    update_action = offering_update
    delete_action = offering_delete
    used_by = (UsedBy("bundle", "offering", "/api/v1/offerings", "bundled_offering_id"),)
    actions = (*ExchangeAdmin.actions, "publish", "retire")
    change_form_outer_before_template = panel.TEMPLATE
    change_form_after_template = preview.TEMPLATE

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<uuid:object_id>/panel/", view(self.panel_view), name="offering_offering_panel"),
            path("<uuid:object_id>/retire/", view(self.retire_view), name="offering_offering_retire"),
            path("<uuid:object_id>/stored/", view(self.stored_view), name="offering_offering_stored"),
            path("preview/", view(self.preview_view), name="offering_offering_preview"),
        ]
        return [*own, *super().get_urls()]

    def panel_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return panel.panel_view(request, object_id, may_change=super().has_change_permission(request))

    def retire_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        if not super().has_change_permission(request):
            raise PermissionDenied
        return retiring.retire_view(self, request, object_id)

    def stored_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return preview.stored_view(request, object_id)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        if not super().has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return preview.preview_view(self, request)

    def form_context(self, request: HttpRequest, row: Offering) -> dict[str, Any]:
        """The form between the panel of what is edited and its preview, or what the store has of it."""
        shown = panel.context(row, may_change=super().has_change_permission(request))
        return {**super().form_context(request, row), **shown, **preview.context(row), "offering": row}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> Any:
        """Who may write sees the preview change while he types."""
        if self.has_change_permission(request, obj):
            context["preview_url"] = reverse("admin:offering_offering_preview")
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @display(
        description=_("Status"),
        ordering="lifecycle_status",
        label={DRAFT: "info", PUBLISHING: "warning", PUBLISHED: "success", RETIRED: "danger"},
    )
    def status(self, row: Offering) -> tuple[str, str]:
        return row.lifecycle_status, row.get_lifecycle_status_display()

    @admin.display(description=_("Bundle"), ordering="is_bundle")
    def bundle(self, row: Offering) -> str:
        """A mark at the few that are; most are none, and nothing is wrong with them."""
        return gettext("yes") if row.is_bundle else "-"

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Offering]) -> None:
        rows = _of(request, queryset, DRAFT)
        act_on_each(self, request, rows, _by(request, offering_publish), what=_("Publish"))

    @admin.action(description=_("Retire"), permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Offering]) -> HttpResponse | None:
        """After a page that asks."""
        rows = _of(request, queryset, PUBLISHED)
        if "post" in request.POST or not rows.exists():
            act_on_each(self, request, rows, _by(request, offering_retire), what=_("Retire"))
            return None
        return retiring.ask(self, request, first_ones(self, request, rows), action="retire")

    def deletable(self, rows: QuerySet[Offering]) -> QuerySet[Offering]:
        return rows.filter(lifecycle_status=DRAFT)

    def check_deletable(self, row: Offering) -> None:
        check_changeable(row.lifecycle_status)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a draft can be changed; anything else is shown."""
        return super().has_change_permission(request, obj) and (obj is None or obj.lifecycle_status == DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.lifecycle_status == DRAFT)


def _of(request: HttpRequest, rows: QuerySet[Offering], status: str) -> QuerySet[Offering]:
    """Of "all that match" those in the status from which a move goes; of what was chosen each."""
    return rows.filter(lifecycle_status=status) if is_across(request) else rows


def _by(request: HttpRequest, action: Callable[..., object]) -> Callable[[Offering, int], object]:
    """An action for each row, as the person signed in."""
    actor = request.user.actor  # type: ignore[union-attr]
    return lambda row, seen: action(actor=actor, id=row.pk, expected_version=seen)
