from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from apps.admin_kit.wording import said
from apps.core.errors import SuiteError
from catalog_services.offering.actions.scheduled_change_cancel import scheduled_change_cancel
from catalog_services.offering.actions.scheduled_change_retry import scheduled_change_retry
from catalog_services.offering.admin import calendar
from catalog_services.offering.models import ScheduledChange


@admin.register(ScheduledChange)
class ScheduledChangeAdmin(ModelAdmin):
    """Its list is the calendar. A change is made at its offering; who may change offerings may cancel and retry it."""

    def get_urls(self) -> list[URLPattern]:
        act = path(
            "<uuid:object_id>/act/",
            self.admin_site.admin_view(self.act_view),
            name="offering_scheduledchange_act",
        )
        return [act, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        shown = {
            **self.admin_site.each_context(request),
            **calendar.context(request),
            "title": _("Calendar"),
            "opts": self.model._meta,
            "may_change": super().has_change_permission(request),
        }
        return TemplateResponse(request, "offering/calendar.html", {**shown, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """It has no history beside it: its row says who asked for it, and how it ended."""
        shown = {"show_history": False, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, shown)

    def act_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """POST ``do``: cancel or retry, then back to the page it was asked from (``next``)."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not super().has_change_permission(request):
            raise PermissionDenied
        actor = request.user.actor  # type: ignore[union-attr]
        acts: dict[str, Callable[..., object]] = {
            "cancel": scheduled_change_cancel,
            "retry": scheduled_change_retry,
        }
        act = acts.get(request.POST.get("do", ""))
        try:
            if act is None:
                messages.error(request, _("There is no such action."))
            else:
                act(actor=actor, id=object_id)
        except SuiteError as error:
            messages.error(request, said(error.detail))
        wanted = request.POST.get("next", "")
        known = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
        return HttpResponseRedirect(wanted if known else "../../")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
