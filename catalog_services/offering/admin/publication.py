from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from apps.admin_kit.wording import said
from apps.admin_lists.bulk_act import act_on_each, is_across
from apps.admin_lists.list_admin import ListAdmin
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.actions.publication_retry import publication_retry
from catalog_services.offering.admin import panel
from catalog_services.offering.domain.publication import DONE, FAILED, OPEN, UNDO_FAILED
from catalog_services.offering.models import Publication
from catalog_services.offering.selectors.publication import UNRESOLVED

UNDER_WAY = tuple(state for state in OPEN if state != UNDO_FAILED)


class Now(admin.SimpleListFilter):
    """What the front page lists, as its two cards do."""

    title = _("now")
    parameter_name = "now"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("failed", _("Failed, to be seen to")), ("running", _("Under way"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Publication]) -> QuerySet[Publication]:
        if self.value() == "failed":
            return queryset.filter(UNRESOLVED)
        return queryset.filter(state__in=UNDER_WAY) if self.value() == "running" else queryset


@admin.register(Publication)
class PublicationAdmin(ListAdmin):
    """To be looked at; the saga writes them. Who may change offerings may cancel and retry."""

    list_display = ("offering", "status", "reason", "requested_by", "created_at", "ended_at")
    list_filter = (Now, "state")
    list_select_related = ("offering",)
    more_columns = ("id", "correlation_id", "process_id", "started_at", "confirmed_at")
    search_fields = ("offering__name",)
    search_exact = ("pk", "offering_id", "correlation_id")
    actions = ("cancel", "retry")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "offering",
                    "state",
                    "reason",
                    "requested_by",
                    "created_at",
                    "started_at",
                    "confirmed_at",
                    "ended_at",
                )
            },
        ),
        (
            _("Record"),
            {
                "fields": ("id", "version", "offering_version", "correlation_id", "process_id"),
                "classes": ("collapse",),
            },
        ),
    )
    change_form_outer_before_template = "offering/publication.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """To cancel and to retry from the list; a row is never written."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*(field.name for field in Publication._meta.fields), "reason"]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **kwargs: Any
    ) -> Any:
        """With its steps. It has no history beside them: its row says when each thing happened."""
        shown = {**context, **panel.told(obj), "show_history": False}
        return super().render_change_form(request, shown, *args, obj=obj, **kwargs)

    @display(
        description=_("Status"),
        ordering="state",
        label={
            **dict.fromkeys(UNDER_WAY, "warning"),
            DONE: "success",
            FAILED: "danger",
            UNDO_FAILED: "danger",
        },
    )
    def status(self, row: Publication) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @admin.display(description=_("Why it failed"))
    def reason(self, row: Publication) -> str:
        failure = row.failure or {}
        return f"{said(failure.get('message', ''))} {failure.get('undo', '')}".strip() or "-"

    @admin.action(description=_("Cancel"), permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        actor = request.user.actor  # type: ignore[union-attr]
        act_on_each(
            self,
            request,
            _unsettled(request, queryset),
            lambda row, _seen: publication_cancel(actor=actor, id=row.pk),
            what=_("Cancel"),
        )

    @admin.action(description=_("Try again what stands on an incident"), permissions=["change"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Publication]) -> None:
        actor = request.user.actor  # type: ignore[union-attr]
        act_on_each(
            self,
            request,
            _unsettled(request, queryset),
            lambda row, _seen: publication_retry(actor=actor, id=row.pk),
            what=_("Try again"),
        )


def _unsettled(request: HttpRequest, rows: QuerySet[Publication]) -> QuerySet[Publication]:
    """Of all that match those that have not ended; of what was chosen each."""
    return rows.filter(state__in=OPEN) if is_across(request) else rows
