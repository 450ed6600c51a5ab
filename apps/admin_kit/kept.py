"""What somebody typed for a row that is gone or closed by then: it is shown, and may become a row of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from apps.admin_kit.forms import ActionForm, Unsaved
from apps.admin_kit.rows import is_secret, shown

if TYPE_CHECKING:
    from apps.admin_kit.model_admin import ActionAdmin

TEMPLATE = "admin_kit/kept.html"
_OF_THE_ROW = frozenset({"csrfmiddlewaretoken", "version_seen", "version_shown"})


def page(model_admin: ActionAdmin, request: HttpRequest, row: Any | None) -> HttpResponse:
    """In place of a form that can no longer be saved; ``row`` is None when there is none any more."""
    form_class = model_admin.get_form(request)
    form = type(form_class.__name__, (Unsaved, form_class), {})(request.POST)
    form.full_clean()
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Not saved"),
        "opts": model_admin.model._meta,
        "row": row,
        "typed": list(_typed(form, request)),
        "posted": list(_posted(form, request, twice=row is not None)),
        "may_add": model_admin.has_add_permission(request),
    }
    return TemplateResponse(request, TEMPLATE, context, status=HTTPStatus.CONFLICT)


def _typed(form: ActionForm, request: HttpRequest) -> Iterator[tuple[Any, Any]]:
    """Each field that has something in it: as it is shown, or as it was typed when it is not right."""
    for name, field in form.fields.items():
        if name in _OF_THE_ROW or is_secret(field):
            continue
        value = form.cleaned_data.get(name)
        if name in form.cleaned_data and value not in (None, "", []):
            yield field.label, ", ".join(value) if _is_words(value) else shown(field, value)
        elif name not in form.cleaned_data and (typed := _as_typed(request, name)):
            yield field.label, ", ".join(typed)


def _is_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _as_typed(request: HttpRequest, name: str) -> list[str]:
    """Of one input, of a date and a time, or of rows."""
    inputs = re.compile(rf"{name}(_\d|-\d+-(?!ORDER|DELETE)\w+)?")
    return [
        value for key, values in request.POST.lists() if inputs.fullmatch(key) for value in values if value
    ]


def _posted(form: ActionForm, request: HttpRequest, *, twice: bool) -> Iterator[tuple[str, str]]:
    """What fills the form of a new row, but for what is secret; its key in another system is the old one's as long as
    that is there (``twice``)."""
    left_out = {*_OF_THE_ROW, *(name for name, field in form.fields.items() if is_secret(field))}
    if twice:
        left_out.add("external_id")
    for name, values in request.POST.lists():
        if name not in left_out and not name.startswith(("_", "keep-")):
            yield from ((name, value) for value in values)
