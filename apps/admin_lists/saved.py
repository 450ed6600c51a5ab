"""Filters that a person gave a name, and the columns that they want to see: kept per person and list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IS_FACETS_VAR, IS_POPUP_VAR, TO_FIELD_VAR
from django.contrib.admin.utils import label_for_field
from django.contrib.admin.views.main import ALL_VAR, ERROR_FLAG, ORDER_VAR, PAGE_VAR
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.admin_lists.models import ChosenColumns, SavedFilter

if TYPE_CHECKING:
    from apps.admin_lists.changelist import ListChangeList
    from apps.admin_lists.list_admin import ListAdmin

MOST = 50
"""Filters that a person may keep for one list."""
_PASSING = frozenset({PAGE_VAR, ERROR_FLAG, ALL_VAR, IS_POPUP_VAR, TO_FIELD_VAR, IS_FACETS_VAR})
"""Parameters that say where one is, and not what one looks for."""


class FilterForm(forms.Form):
    """The list as it is filtered, searched and ordered now, under a name."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    query = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    shared = forms.BooleanField(label=gettext_lazy("For everybody who sees this list"), required=False)


def tools(changelist: ListChangeList, request: HttpRequest) -> dict[str, Any]:
    """What the list's menus show."""
    model_admin = changelist.model_admin
    now = lasting(request.GET, ordering=changelist.named_ordering)
    shown = set(changelist.list_display)
    first, *others = model_admin.available_columns(request)
    return {
        "filters": [
            {"row": row, "is_mine": row.owner_id == request.user.pk, "is_current": row.query == now}
            for row in _visible(request, model_admin).select_related("owner")
        ],
        "may_share": _may_share(request, model_admin),
        "form": FilterForm(initial={"query": now}, auto_id="saved-%s"),
        "query": now,
        "always": _label(model_admin, first),
        "columns": [(name, _label(model_admin, name), name in shown) for name in others],
    }


def lasting(parameters: QueryDict, *, ordering: str | None = None) -> str:
    """A list's parameters without the passing ones, always in the same order; ``ordering`` instead of its own."""
    given = {name: values for name, values in parameters.lists() if name not in _PASSING}
    if ordering is not None:
        given[ORDER_VAR] = [ordering]
    pairs = [(name, value) for name in sorted(given) for value in given[name] if value]
    return urlencode(pairs)


def chosen_columns(request: HttpRequest, model_admin: ListAdmin) -> list[str]:
    """The columns that this person wants to see; empty when they never said. Asked once per request."""
    known: dict[str, list[str]] = request.__dict__.setdefault("chosen_columns", {})
    screen = _screen(model_admin)
    if screen not in known:
        found = ChosenColumns.objects.filter(owner_id=request.user.pk, screen=screen).first()
        known[screen] = found.columns if found else []
    return known[screen]


def save_view(model_admin: ListAdmin, request: HttpRequest) -> HttpResponse:
    """Keep a filter; one of the same name is replaced."""
    if refused := _refused(model_admin, request):
        return refused
    form = FilterForm(request.POST)
    if not form.is_valid():
        for name, errors in form.errors.items():
            messages.error(request, f"{form.fields[name].label or name}: {' '.join(map(str, errors))}")
        return _back(request)
    mine = SavedFilter.objects.filter(owner_id=request.user.pk, screen=_screen(model_admin))
    name = form.cleaned_data["name"]
    if mine.exclude(name=name).count() >= MOST:
        messages.error(request, _("There are %(most)s already: remove one first.") % {"most": MOST})
        return _back(request)
    SavedFilter.objects.update_or_create(
        owner_id=request.user.pk,
        screen=_screen(model_admin),
        name=name,
        defaults={
            "query": lasting(QueryDict(form.cleaned_data["query"])),
            "shared": form.cleaned_data["shared"] and _may_share(request, model_admin),
        },
    )
    messages.success(request, _("The filter is kept as “%(name)s”.") % {"name": name})
    return _back(request)


def forget_view(model_admin: ListAdmin, request: HttpRequest, id_: int) -> HttpResponse:
    """Remove a filter: one's own, or as an admin one that is shared."""
    if refused := _refused(model_admin, request):
        return refused
    rows = _visible(request, model_admin).filter(pk=id_)
    if not request.user.is_superuser:
        rows = rows.filter(owner_id=request.user.pk)
    if rows.delete()[0]:
        messages.success(request, _("The filter is removed."))
    else:
        messages.error(request, _("There is no such filter of yours."))
    return _back(request)


def columns_view(model_admin: ListAdmin, request: HttpRequest) -> HttpResponse:
    """Keep which columns this person wants to see; ``reset`` returns to the list's own."""
    if refused := _refused(model_admin, request):
        return refused
    mine: dict[str, Any] = {"owner_id": request.user.pk, "screen": _screen(model_admin)}
    if "reset" in request.POST:
        ChosenColumns.objects.filter(**mine).delete()
        return _back(request)
    wanted = request.POST.getlist("columns")
    first, *others = model_admin.available_columns(request)
    columns = [first, *(name for name in others if name in wanted)]
    ChosenColumns.objects.update_or_create(**mine, defaults={"columns": columns})
    return _back(request)


def _refused(model_admin: ListAdmin, request: HttpRequest) -> HttpResponse | None:
    """What everybody may arrange for themselves is a list that they may see."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])


def _back(request: HttpRequest) -> HttpResponse:
    """To the list, as it was filtered."""
    list_ = request.path.partition("/arrange/")[0]
    return HttpResponseRedirect(f"{list_}/?{lasting(QueryDict(request.POST.get('query', '')))}")


def _visible(request: HttpRequest, model_admin: ListAdmin) -> QuerySet[SavedFilter]:
    mine_or_shared = Q(owner_id=request.user.pk) | Q(shared=True)
    return SavedFilter.objects.filter(mine_or_shared, screen=_screen(model_admin))


def _may_share(request: HttpRequest, model_admin: ListAdmin) -> bool:
    options = model_admin.model._meta
    return request.user.has_perm(f"{options.app_label}.{get_permission_codename('change', options)}")


def _screen(model_admin: ListAdmin) -> str:
    return str(model_admin.model._meta.label_lower)


def _label(model_admin: ListAdmin, name: str) -> str:
    return capfirst(str(label_for_field(name, model_admin.model, model_admin)))
