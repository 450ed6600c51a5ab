"""The history of a row, read from its events: who changed what and when, two versions side by side, a new draft."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, Field, Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.admin_kit.rows import shown
from apps.core.ids import parsed
from apps.core.numbers import whole
from apps.outbox import history
from apps.outbox.history import Version

if TYPE_CHECKING:
    from apps.admin_kit.model_admin import ActionAdmin

TEMPLATE = "admin_kit/history.html"
PER_PAGE = 100


def history_view(model_admin: ActionAdmin, request: HttpRequest, id_: UUID) -> HttpResponse:
    """The versions with what each changed, the newest ``PER_PAGE`` or those ``before`` another; with ``a`` and ``b``
    those two beside each other.

    Raises ``Http404`` for what never was here.
    """
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    upto = whole(request.GET.get("before", ""))
    found = history.versions(id_, before=upto, most=PER_PAGE + 1)
    if not found:
        raise Http404
    compared = _compared(model_admin, request, id_)
    older, newer = (compared["older"], compared["newer"]) if compared else (found[:2][-1], found[0])
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("History"),
        "opts": model_admin.model._meta,
        "original": model_admin.get_object(request, str(id_)),
        "object_id": id_,
        "lines": _lines(model_admin, found),
        "compared": compared,
        "chosen": {"a": older.number, "b": newer.number},
        "may_add": model_admin.has_add_permission(request),
        "upto": upto,
        "has_older": len(found) > PER_PAGE,
    }
    return TemplateResponse(request, TEMPLATE, context)


def _lines(model_admin: ActionAdmin, found: list[Version]) -> list[dict[str, Any]]:
    """Each version beside the one before it, which is the last of a page only when there is none."""
    nothing = Version(0, found[-1].at, "", "", "")
    return [
        {
            "version": version,
            "changes": changes(model_admin, before.state, version.state),
            "import_url": _import_url(version.correlation_id),
        }
        for version, before in islice(pairwise([*found, nothing]), PER_PAGE)
    ]


def _import_url(correlation_id: str) -> str:
    """The page of the import that a change came with, or was taken back with; empty for any other door, and where
    nothing is imported."""
    door, _sep, id_ = correlation_id.partition("-")
    if door not in {"import", "undo"} or not parsed(id_) or not apps.is_installed("apps.exchange"):
        return ""
    return reverse("admin:exchange_job_change", args=[id_])


def initial(model_admin: ActionAdmin, request: HttpRequest) -> dict[str, Any]:
    """What the form of a new row begins with: ``from`` and ``version`` name one of another row's versions."""
    id_, number = request.GET.get("from", ""), request.GET.get("version", "")
    try:
        found = history.version(UUID(id_), int(number))
    except ValueError:
        found = None
    if found is None:
        return {}
    form = model_admin.get_form(request)(instance=as_row(model_admin.model, found.state))
    return {name: value for name, value in form.initial.items() if name != "external_id"}


def as_row[Row: Model](model: type[Row], state: Mapping[str, Any]) -> Row:
    """A row as it was, out of its REST representation; not for saving."""
    columns = {field.attname: field for field in model._meta.concrete_fields}
    return model(**{name: column.to_python(state[name]) for name, column in columns.items() if name in state})


def told_since(model_admin: ActionAdmin, id_: UUID, *, seen: int) -> str:
    """What others did to a row after version ``seen``; empty when nobody did, or history does not go back that far."""
    found = history.since(id_, seen)
    if not found:
        return ""
    lines = format_html_join(
        "",
        '<li><span class="font-medium">{}:</span> <del>{}</del> → <span>{}</span></li>',
        (
            (capfirst(str(change["label"])), change["before"], change["after"])
            for change in changes(model_admin, found[-1].state, found[0].state)
        ),
    )
    said = _("%(names)s changed this since you opened it:") % {"names": history.names(found)}
    return format_html('{}<ul class="suite-list">{}</ul>', said, lines)


def _compared(model_admin: ActionAdmin, request: HttpRequest, id_: UUID) -> dict[str, Any] | None:
    """The two that were chosen, on whichever page each of them is."""
    numbers = [whole(request.GET.get(name, "")) for name in ("a", "b")]
    a, b = (history.version(id_, number) if number else None for number in numbers)
    if a is None or b is None:
        return None
    older, newer = sorted((a, b), key=lambda one: one.number)
    return {"older": older, "newer": newer, "changes": changes(model_admin, older.state, newer.state)}


def changes(
    model_admin: ActionAdmin, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Each changed field by its label in the form, with both values as the form shows them to who may only look."""
    fields = model_admin.form.declared_fields
    columns = {field.name: field for field in model_admin.model._meta.fields}

    def value(name: str, state: Mapping[str, Any]) -> Any:
        if name not in state:
            return ""
        if name in fields or name not in columns:
            return shown(fields.get(name), state[name])
        return shown(None, _read(columns[name], state[name]))

    return [
        {
            "name": name,
            "label": fields[name].label if name in fields else columns[name].verbose_name,
            "before": value(name, before),
            "after": value(name, after),
        }
        for name in history.changed(before, after)
        if name != "id" and (name in fields or name in columns)
    ]


def _read(column: Field[Any, Any], value: Any) -> Any:
    """What a representation says of a column, as a list shows it: by its name, or as a time."""
    if column.flatchoices:
        return dict(column.flatchoices).get(value, value)
    return column.to_python(value) if isinstance(column, DateTimeField) else value
