"""What somebody typed for a row that is gone or closed by then: it is shown, and may become a row of its own."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from apps.admin_kit.forms import Unsaved
from apps.admin_kit.rows import shown

if TYPE_CHECKING:
    from apps.admin_kit.model_admin import ActionAdmin

TEMPLATE = "admin_kit/kept.html"
_OF_THE_ROW = frozenset({"csrfmiddlewaretoken", "version_seen", "version_shown"})


def page(model_admin: ActionAdmin, request: HttpRequest, row: Any | None) -> HttpResponse:
    """In place of a form that can no longer be saved; ``row`` is None when there is none any more."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Not saved"),
        "opts": model_admin.model._meta,
        "row": row,
        "typed": list(_typed(model_admin, request)),
        "posted": list(_posted(request, twice=row is not None)),
        "may_add": model_admin.has_add_permission(request),
    }
    return TemplateResponse(request, TEMPLATE, context, status=HTTPStatus.CONFLICT)


def _typed(model_admin: ActionAdmin, request: HttpRequest) -> Iterator[tuple[Any, Any]]:
    """Each field that has something in it: as it is shown, or as it was typed when it is not right."""
    form_class = model_admin.get_form(request)
    form = type(form_class.__name__, (Unsaved, form_class), {})(request.POST)
    form.full_clean()
    for name, field in form.fields.items():
        typed = [one for one in request.POST.getlist(name) if one]
        if name in _OF_THE_ROW or not (typed or form.cleaned_data.get(name)):
            continue
        good = name in form.cleaned_data
        yield field.label, shown(field, form.cleaned_data[name]) if good else ", ".join(typed)


def _posted(request: HttpRequest, *, twice: bool) -> Iterator[tuple[str, str]]:
    """What fills the form of a new row; its key in another system is the old one's as long as that is there."""
    for name, values in request.POST.lists():
        if name in _OF_THE_ROW or name.startswith(("_", "keep-")) or (twice and name == "external_id"):
            continue
        yield from ((name, value) for value in values)
