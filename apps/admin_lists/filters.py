"""Filters that cost nothing to offer: what is offered is known or typed, never collected from all rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import TextFilter

from apps.admin_kit.names import named

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


def one_of(field: str, values: Iterable[str], *, title: _StrOrPromise) -> type[admin.SimpleListFilter]:
    """One of a few values that a field may have."""
    offered = named(values)

    class OneOf(admin.SimpleListFilter):
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, _StrOrPromise]]:
            return offered

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            return queryset.filter(**{field: self.value()}) if self.value() else queryset

    OneOf.title = title
    return OneOf


def typed(field: str, *, title: _StrOrPromise, lookup: str = "icontains") -> type[admin.SimpleListFilter]:
    """A field whose values are many: some of it is typed. The list needs ``list_filter_submit``."""

    class Typed(TextFilter):
        parameter_name = field

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            word = (self.value() or "").strip()
            return queryset.filter(**{f"{field}__{lookup}": word}) if word else queryset

    Typed.title = title
    return Typed
