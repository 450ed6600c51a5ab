"""The screens: import and export on each list, and a page for each job."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from apps.admin_kit import navigation
from apps.admin_kit.model_admin import ActionAdmin
from apps.admin_lists.read_only import ReadOnly
from apps.core.ids import parsed
from apps.exchange import job_pages, pages
from apps.exchange.models import AT_WORK, Job, State
from apps.exchange.resource import ActionResource
from apps.exchange.screens import screen_of

_COLOURS = {
    **dict.fromkeys(AT_WORK, "info"),
    State.PREVIEWED: "warning",
    State.IMPORTED: "success",
    State.EXPORTED: "success",
    State.FAILED: "danger",
}


class ExchangeAdmin(ActionAdmin):
    """A list whose rows come and go as files; ``resource_class`` says in which columns."""

    resource_class: ClassVar[type[ActionResource]]
    actions = (*ActionAdmin.actions, "export_chosen")
    actions_list = ("import_file", "export_file", "jobs", *ActionAdmin.actions_list)

    def has_import_permission(self, request: HttpRequest) -> bool:
        """An import creates and changes, and its undo deletes."""
        return all(
            may(request)
            for may in (self.has_add_permission, self.has_change_permission, self.has_delete_permission)
        )

    @action(description=_("Import"), url_path="import", permissions=["import"])
    def import_file(self, request: HttpRequest) -> HttpResponseBase:
        return pages.import_page(self, request)

    @action(description=_("Export"), url_path="export", permissions=["view"])
    def export_file(self, request: HttpRequest) -> HttpResponse:
        return pages.export_page(self, request)

    @action(description=_("Imports and exports"), url_path="jobs", permissions=["view"])
    def jobs(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(f"{reverse('admin:exchange_job_changelist')}?model={self.label}")

    @admin.action(description=_("Export what is chosen"), permissions=["view"])
    def export_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        if request.POST.get("select_across") == "1":
            return HttpResponseRedirect(f"export/?{request.GET.urlencode()}")
        chosen = ",".join(str(row.pk) for row in queryset)
        return HttpResponseRedirect(f"export/?{pages.CHOSEN}={chosen}")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """What is exported is what the list shows: the button takes the filters along."""
        response = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and request.GET:
            for one in (response.context_data or {}).get("actions_list", ()):
                if one["path"].endswith("/export/"):
                    one["path"] += f"?{request.GET.urlencode()}"
        return response

    @property
    def label(self) -> str:
        """``pricing.price``"""
        return f"{self.model._meta.app_label}.{self.model._meta.model_name}"


@admin.register(Job)
class JobAdmin(ReadOnly, ModelAdmin):
    """To be looked at; what can be done with a job is on its page."""

    list_display = ("file_name", "kind", "what", "status", "created_by", "created_at")
    list_filter = ("kind", "state", "model")
    search_fields = ("file_name", "created_by")
    list_per_page = 50
    show_full_result_count = False
    list_before_template = "exchange/services.html"
    empty_list = _(
        "Each kind of thing has imports and exports of its own: the links above lead to the others."
    )
    """What the list says while it has no row."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"services": navigation.jobs(), **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        own = {
            "panel": job_pages.panel,
            "do": job_pages.do,
            "file": job_pages.file,
            "errors": job_pages.errors,
        }
        return [
            path(f"<uuid:job_id>/{name}/", self.admin_site.admin_view(view), name=f"exchange_job_{name}")
            for name, view in own.items()
        ] + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if (job_id := parsed(object_id)) is None:
            raise Http404
        return job_pages.page(self, request, job_id)

    @admin.display(description=_("what"), ordering="model")
    def what(self, job: Job) -> str:
        return capfirst(str(screen_of(job.model).model._meta.verbose_name_plural))

    @display(description=_("Status"), ordering="state", label=_COLOURS)
    def status(self, job: Job) -> tuple[str, str]:
        return job.state, job.get_state_display()
