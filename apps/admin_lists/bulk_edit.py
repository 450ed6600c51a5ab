"""Editing several rows at once: choose what is to change, look at what that would do to each row, then do it.

At most ``MOST`` rows at a time. Of a longer selection ("all that match") the first ones are looked at and changed,
then the next ones, so that nothing is changed that nobody saw, and no request takes long.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from apps.admin_kit import untouched
from apps.admin_lists.bulk_act import pair, versions
from apps.admin_lists.bulk_change import (
    ADD,
    SET,
    WAYS,
    Change,
    Outcome,
    carried_out,
    holds_many,
    tried,
    words_for,
)
from apps.core.ids import parsed

if TYPE_CHECKING:
    from apps.admin_lists.bulk_admin import BulkAdmin

MOST = 500
CHOOSE, ROWS = "admin_lists/bulk_choose.html", "admin_lists/bulk_rows.html"


def action(model_admin: BulkAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
    """The list's action: from what was selected to the choice of what is to change."""
    across = request.POST.get("select_across") == "1"
    ids = [] if across else [str(pk) for pk in queryset.values_list("pk", flat=True)]
    return BulkEdit(model_admin, request, across=across, ids=tuple(ids)).choose()


def bulk_view(model_admin: BulkAdmin, request: HttpRequest) -> HttpResponse:
    """The steps after it. What was chosen travels in the page, so that nothing is kept and nothing runs out."""
    if not model_admin.has_change_permission(request):
        raise PermissionDenied
    edit = BulkEdit(
        model_admin,
        request,
        across=request.POST.get("across") == "1",
        ids=tuple(request.POST.get("ids", "").split()),
        after=parsed(request.POST.get("after", "")),
    )
    if request.method != "POST":
        return HttpResponseRedirect(edit.list_url)
    if request.POST.get("field") not in model_admin.bulk_fields:
        return HttpResponseBadRequest(_("This field is not edited in bulk."))
    try:
        return edit.step()
    except IncorrectLookupParameters:
        return HttpResponseRedirect(f"{edit.list_url}?e=1")


@dataclass(frozen=True)
class BulkEdit:
    """What was selected: some ``ids``, or ``across`` all rows that the list's filters match, from ``after`` on."""

    model_admin: BulkAdmin
    request: HttpRequest
    across: bool
    ids: tuple[str, ...] = ()
    after: UUID | None = None

    def step(self) -> HttpResponse:
        """The preview of a value that was chosen, or when that has been seen, the change."""
        name = self.request.POST["field"]
        form = self.form(name, self.request.POST)
        if not form.is_valid():
            return self.choose(form)
        value = untouched.unified(form.cleaned_data["value"])
        change = Change(name, value, form.cleaned_data.get("way", SET))
        return self.apply(change) if "apply" in self.request.POST else self.preview(change)

    def choose(self, wrong: forms.Form | None = None) -> HttpResponse:
        """Each field that can be changed with a form of its own; ``wrong`` is one that was not filled in well."""
        forms_ = [
            (name, wrong if wrong is not None and wrong.prefix == name else self.form(name))
            for name in self.model_admin.bulk_fields
        ]
        media = sum((form.media for _name, form in forms_), self.model_admin.media)
        return self._page(CHOOSE, {"forms": forms_, "media": media, "number": self._number})

    def form(self, name: str, data: Any = None) -> forms.Form:
        """Asks for a new value as the row's own form does, of a list also what to do with it."""
        field = deepcopy(self._fields[name])
        asked: dict[str, forms.Field] = {"value": field}
        if holds_many(field):
            ways = list(WAYS.items())
            label = gettext_lazy("What to do")
            asked["way"] = forms.ChoiceField(
                label=label, choices=ways, initial=ADD, widget=UnfoldAdminSelectWidget
            )
        form = type("BulkForm", (forms.Form,), asked)(data, prefix=name)
        form.order_fields(["way", "value"])
        return form

    def preview(self, change: Change) -> HttpResponse:
        rows = list(self._rows()[: MOST + 1])
        outcomes = [tried(self.model_admin, self.request, row, change) for row in rows[:MOST]]
        seen = [pair(one.row) for one in outcomes if one.changes]
        return self._outcomes(change, outcomes, rows=" ".join(seen), more=self.across and len(rows) > MOST)

    def apply(self, change: Change) -> HttpResponse:
        """Carry out what was looked at; a row that is another version by now is left as it is, and said."""
        seen = self._seen()
        there = {row.pk: row for row in self._select(list(seen))}
        outcomes = [
            carried_out(self.model_admin, self.request, there[pk], change, seen=version)
            if pk in there
            else Outcome(pk, None, None, _("It was deleted meanwhile."))
            for pk, version in seen.items()
        ]
        more = self.across and self.request.POST.get("more") == "1"
        return self._outcomes(change, outcomes, applied=True, more=more)

    def _outcomes(self, change: Change, outcomes: list[Outcome], **context: Any) -> HttpResponse:
        field = self._fields[change.field]
        words = words_for(field, [value for one in outcomes for value in (one.before, one.after)])
        last = str(outcomes[-1].row.pk) if outcomes and self.across and not context.get("applied") else ""
        context |= {
            "field": change.field,
            "label": field.label,
            "posted": [
                (name, value)
                for name, values in self.request.POST.lists()
                if name.startswith(f"{change.field}-")
                for value in values
            ],
            "changed": [(one.row, words(one.before), words(one.after)) for one in outcomes if one.changes],
            "refused": [(one.row, one.refusal) for one in outcomes if one.refusal],
            "same": sum(not one.changes and not one.refusal for one in outcomes),
            "upto": last or self.request.POST.get("upto", ""),
            "most": MOST,
        }
        return self._page(ROWS, context)

    def _page(self, template: str, context: dict[str, Any]) -> HttpResponse:
        options = self.model_admin.model._meta
        shared = {
            **self.model_admin.admin_site.each_context(self.request),
            "title": _("Edit several at once"),
            "opts": options,
            "edit": self,
            "query": self.request.GET.urlencode(),
        }
        return TemplateResponse(self.request, template, {**shared, **context})

    def _rows(self) -> QuerySet[Any]:
        """Those selected, in the order of their ids."""
        if not self.across:
            return self._select([id_ for one in self.ids if (id_ := parsed(one))])
        rows = self._matching.queryset.order_by("pk")
        return rows.filter(pk__gt=self.after) if self.after else rows

    def _select(self, ids: list[UUID]) -> QuerySet[Any]:
        return self.model_admin.get_queryset(self.request).filter(pk__in=ids).order_by("pk")

    def _seen(self) -> dict[UUID, int]:
        """The rows of the preview with the versions that it showed; no more than it may show."""
        return versions(self.request.POST.get("rows", "").split()[:MOST])

    @cached_property
    def _fields(self) -> Mapping[str, forms.Field]:
        """Those of the row's own form."""
        fields: Mapping[str, forms.Field] = self.model_admin.get_form(self.request).base_fields
        return fields

    @cached_property
    def _matching(self) -> Any:
        return self.model_admin.get_changelist_instance(self.request)

    @property
    def _number(self) -> int:
        """How many were selected."""
        return self._matching.result_count if self.across else len(self.ids)

    @property
    def list_url(self) -> str:
        """The list that it all began with."""
        return self.request.path.removesuffix("bulk-edit/")
