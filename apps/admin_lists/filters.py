"""Filters that cost nothing to offer: what is offered is known or typed, never collected from all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import TextFilter

from apps.admin_kit.names import named
from apps.core.ids import parsed

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from apps.admin_kit.choices import Source


class _Kept(admin.SimpleListFilter):
    """A filter that stays when another one is typed: Unfold's form repeats what has these two."""

    @property
    def lookup_kwarg(self) -> str:
        return str(self.parameter_name)

    @property
    def lookup_val(self) -> list[str | None]:
        return [self.value()]


def one_of(field: str, values: Iterable[str], *, title: _StrOrPromise) -> type[admin.SimpleListFilter]:
    """One of a few values that a field may have."""
    offered = named(values)

    class OneOf(_Kept):
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


class Using(_Kept):
    """The rows that use one of a ``source``, whose id is in the URL: the one's own page links here."""

    source: ClassVar[Source]
    rows: ClassVar[Callable[[QuerySet[Any], UUID], QuerySet[Any]]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """What is there; nothing is offered."""
        id_ = self.value()
        return [(id_, self.source.named([id_]).get(id_, id_))] if id_ else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        if (id_ := parsed(self.value())) is None:
            raise IncorrectLookupParameters
        return type(self).rows(queryset, id_)


def using(
    parameter: str,
    source: Source,
    rows: Callable[[QuerySet[Any], UUID], QuerySet[Any]],
    *,
    title: _StrOrPromise,
) -> type[Using]:
    """A filter of ``rows``, which gives those of a queryset that use the one with an id."""
    made = {"parameter_name": parameter, "source": source, "rows": staticmethod(rows), "title": title}
    return type("Using", (Using,), made)
