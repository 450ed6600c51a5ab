"""A job's page: how far it is, what its rows come to, and what can be done with it now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.admin_kit.htmx import STOP_POLLING
from apps.admin_kit.wording import said
from apps.core.errors import SuiteError
from apps.exchange import files, jobs
from apps.exchange.columns import as_cell
from apps.exchange.formats import FORMATS, Csv, Json
from apps.exchange.models import Job, JobRow, Outcome, State
from apps.exchange.pages import download
from apps.exchange.resource import PASSED_OVER
from apps.exchange.screens import screen_of

if TYPE_CHECKING:
    from unfold.admin import ModelAdmin

PER_PAGE = 50
LEFT = "left"
"""Rows that an undo left as they are."""
_DO = {"import": jobs.confirm, "undo": jobs.undo, "stop": jobs.stop}


def page(model_admin: ModelAdmin, request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Everything about a job; ``outcome`` narrows its rows to some."""
    job = _job(request, job_id)
    shown = job.rows.all()
    wanted = request.GET.get("outcome", "")
    if wanted == LEFT:
        shown = shown.filter(is_undone=False)
    elif wanted in Outcome.values:
        shown = shown.filter(outcome=wanted)
    has_rows = job.kind == Job.Kind.IMPORT and job.state not in {State.READING, State.PREVIEWING}
    paged = Paginator(shown, PER_PAGE).get_page(request.GET.get("page")) if has_rows else None
    context = {
        **model_admin.admin_site.each_context(request),
        **_panel_context(request, job),
        "opts": Job._meta,
        "title": str(job),
        "original": job,
        "wanted": wanted,
        "page": paged,
        "rows": [_shown(job, row) for row in paged or ()],
    }
    return TemplateResponse(request, "exchange/job.html", context)


def panel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """What changes while the job is worked on; the page is another when its state is."""
    job = _job(request, job_id)
    response = render(request, "exchange/panel.html", _panel_context(request, job))
    if request.GET.get("state", job.state) != job.state:
        response["HX-Refresh"] = "true"
    elif not job.is_at_work:
        response.status_code = STOP_POLLING
    return response


def do(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """POST ``do``: import, undo or stop; then back to the page."""
    job = _job(request, job_id)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    verb = request.POST.get("do", "")
    if verb not in _DO or not _may(request, job, verb):
        raise PermissionDenied
    options = {"only_fine": request.POST.get("only_fine") == "on"} if verb == "import" else {}
    try:
        _DO[verb](actor=request.user.actor, id=job.pk, **options)  # type: ignore[union-attr]
    except SuiteError as error:
        messages.error(request, said(error.detail))
    return HttpResponseRedirect(reverse("admin:exchange_job_change", args=[job.pk]))


def file(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """The file that was written, or that came."""
    job = _job(request, job_id)
    if job.state in {State.EXPORTING, State.DISCARDED, State.FAILED} and job.kind == Job.Kind.EXPORT:
        raise Http404
    response = download(files.pieces(job), job.file_name, FORMATS[job.format].get_content_type())
    response["Content-Length"] = str(job.size)
    return response


def errors(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """The rows that were refused, or left by an undo, with why: to be corrected and imported again.

    Of a JSON file each with the names that it had there: another one would be an empty value.
    """
    job = _job(request, job_id)
    refused = job.rows.filter(Q(outcome=Outcome.REFUSED) | Q(is_undone=False)).iterator(chunk_size=500)
    objects = ({"row": row.number, "errors": _why(row), **_cells(row)} for row in refused)
    if job.format == Json.name:
        return download(
            Json().write_objects(objects), f"errors-{job.pk}.json", FORMATS[job.format].get_content_type()
        )
    columns = ["row", "errors", *(name for name in job.columns if name not in PASSED_OVER)]
    lines = ([one.get(name) for name in columns] for one in objects)
    return download(Csv().write(columns, lines), f"errors-{job.pk}.csv", "text/csv")


def _why(row: JobRow) -> str:
    why = [f"{column}: {said(text)}" if column else said(text) for column, text in row.errors]
    return "; ".join(why + ([said(row.undo_note)] if row.undo_note else []))


def _cells(row: JobRow) -> dict[str, Any]:
    return {name: value for name, value in row.cells.items() if name not in PASSED_OVER}


def _job(request: HttpRequest, job_id: UUID) -> Job:
    """Who may see what a file holds may see the file."""
    job = get_object_or_404(Job, pk=job_id)
    if not screen_of(job.model).has_view_permission(request):
        raise PermissionDenied
    return job


def _may(request: HttpRequest, job: Job, verb: str) -> bool:
    if job.kind == Job.Kind.EXPORT:
        return verb == "stop" and job.created_by == request.user.get_username()
    return screen_of(job.model).has_import_permission(request)


def _panel_context(request: HttpRequest, job: Job) -> dict[str, Any]:
    may_act = job.kind == Job.Kind.IMPORT and _may(request, job, "import")
    counts = job.rows.aggregate(
        **{outcome: Count("pk", filter=Q(outcome=outcome)) for outcome in Outcome.values},
        written=Count("pk", filter=Q(version_after__isnull=False)),
        undone=Count("pk", filter=Q(is_undone=True)),
        left=Count("pk", filter=Q(is_undone=False)),
    )
    previewed = job.state == State.PREVIEWED
    options = screen_of(job.model).model._meta
    return {
        "job": job,
        "what": options.verbose_name_plural,
        "list_url": reverse(f"admin:{options.app_label}_{options.model_name}_changelist"),
        "counts": counts,
        "outcomes": [(outcome, outcome.label, counts[outcome.value]) for outcome in Outcome],
        "percent": min(100, 100 * job.done // job.total) if job.total else 0,
        "may_import": may_act and previewed and counts["create"] + counts["update"] > 0,
        "may_undo": may_act and job.state == State.IMPORTED and counts["written"] > 0,
        "may_stop": _may(request, job, "stop")
        and (previewed or job.state in {State.READING, State.PREVIEWING, State.IMPORTING, State.EXPORTING}),
        "may_download": job.state == State.EXPORTED,
    }


def _shown(job: Job, row: JobRow) -> dict[str, Any]:
    label, _, model = job.model.partition(".")
    changes = [(name, as_cell(before), as_cell(after)) for name, before, after in row.changes]
    link = reverse(f"admin:{label}_{model}_change", args=[row.object_id]) if row.object_id else ""
    return {"row": row, "changes": changes, "link": link}
