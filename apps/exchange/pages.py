"""The two forms of a list: which file is imported, and in which format is exported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminRadioSelectWidget

from apps.admin_kit.wording import said
from apps.core.errors import SuiteError
from apps.core.ids import parsed
from apps.exchange import jobs
from apps.exchange.formats import FORMATS, MAX_ROWS, PIECE, Csv
from apps.exchange.models import Job
from apps.exchange.screens import listed

if TYPE_CHECKING:
    from apps.exchange.admin import ExchangeAdmin

CHOSEN = "chosen"
"""Query parameter: the ids of rows that were chosen, with commas between them."""
TEMPLATE = "template"
"""Query parameter: asks for an empty file with the columns."""


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV (UTF-8), XLSX or JSON"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx,.json"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.EXCHANGE_MAX_BYTES:
            limit = settings.EXCHANGE_MAX_BYTES / 1024 / 1024
            raise forms.ValidationError(
                _("A file may have %(limit)g MiB at most: split it.") % {"limit": limit}
            )
        return file


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        label=_("Format"),
        choices=[(name, name.upper()) for name in FORMATS],
        initial="csv",
        widget=UnfoldAdminRadioSelectWidget,
    )


def import_page(screen: ExchangeAdmin, request: HttpRequest) -> HttpResponseBase:
    """GET: which columns there are; POST ``file``: its preview is begun."""
    resource = screen.resource_class(screen)
    if TEMPLATE in request.GET:
        content = b"".join(Csv().write(resource.columns, []))
        return download([content], f"{screen.model._meta.model_name}.csv", "text/csv")
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            job = jobs.start_import(
                actor=_actor(request), model=screen.label, file_name=file.name, pieces=file.chunks(PIECE)
            )
            return _to(job)
        except SuiteError as error:
            form.add_error("file", said(error.detail))
    columns = [(field.column_name, field.help, field.readonly) for field in resource.get_export_fields()]
    context = {
        "form": form,
        "columns": columns,
        "key": ", ".join(resource.key),
        "max_rows": MAX_ROWS,
        "template": TEMPLATE,
    }
    return _render(screen, request, "exchange/import.html", _("Import"), context)


def export_page(screen: ExchangeAdmin, request: HttpRequest) -> HttpResponse:
    """GET: how many rows the list's filters, or the choice, come to; POST ``format``: the export is begun."""
    query = request.GET.copy()
    chosen = query.pop(CHOSEN, [])
    ids = [str(id_) for text in ",".join(chosen).split(",") if (id_ := parsed(text))] if chosen else None
    query.pop("p", None)
    try:
        if ids is None:
            count = listed(screen, query.urlencode(), _actor(request)).count()
        else:
            count = screen.model._default_manager.filter(pk__in=ids).count()
    except SuiteError as error:
        messages.error(request, said(error.detail))
        return HttpResponseRedirect("../")
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = str(screen.model._meta.verbose_name_plural)
        return _to(
            jobs.start_export(
                actor=_actor(request),
                model=screen.label,
                name=name,
                format=form.cleaned_data["format"],
                query=query.urlencode(),
                ids=ids,
            )
        )
    context = {"form": form, "count": count, "is_choice": ids is not None, "is_filtered": bool(query)}
    return _render(screen, request, "exchange/export.html", _("Export"), context)


def download(pieces: Iterable[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    """A file to keep, sent piece by piece."""
    response = StreamingHttpResponse(pieces, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


def _to(job: Job) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:exchange_job_change", args=[job.pk]))


def _actor(request: HttpRequest) -> Any:
    return request.user.actor  # type: ignore[union-attr]


def _render(
    screen: ExchangeAdmin, request: HttpRequest, template: str, title: Any, context: dict[str, Any]
) -> HttpResponse:
    shared = {**screen.admin_site.each_context(request), "opts": screen.model._meta, "title": title}
    return TemplateResponse(request, template, {**shared, **context})
