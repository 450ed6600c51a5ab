"""A list as it is looked at: walked by place when it is long, ordered by columns that have names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, override

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.db import DataError
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext
from unfold.views import ChangeList

from apps.admin_lists import keyset, saved
from apps.admin_lists.filters import Using
from apps.core.counting import About
from apps.core.numbers import whole

AFTER, BEFORE, LAST = "after.", "before.", "last"


class ListChangeList(ChangeList):
    """Numbered pages while the rows can be counted; first, previous, next and last when there are too many.

    The page parameter then says a place: ``p=after.<place>``, ``p=before.<place>`` or ``p=last``.
    """

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if any("\0" in text for texts in request.GET.lists() for text in (texts[0], *texts[1])):
            raise IncorrectLookupParameters  # PostgreSQL has no such text
        self.request = request
        self.steps: list[tuple[str, str]] = []
        super().__init__(request, *args, **kwargs)

    @override
    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except (
            IncorrectLookupParameters
        ):  # the rows of that page are gone: whoever deleted them goes on where they were
            pages = self.model_admin.get_paginator(request, self.queryset, self.list_per_page).num_pages
            self.page_num = pages if int(request.GET[PAGE_VAR]) > pages else 1
            super().get_results(request)
        keys = keyset.keys_of(self.queryset) if isinstance(self.result_count, About) else None
        if keys is None:
            return
        try:
            self._walk(keys, request.GET.get(PAGE_VAR, ""))
        except (keyset.NoPlace, DataError) as error:
            raise IncorrectLookupParameters(error) from error

    def _walk(self, keys: Sequence[keyset.Key], place: str) -> None:
        """The rows at ``place``, and the ways on from there; one row more is read to know whether there is one."""
        most, backwards = self.list_per_page, place.startswith((BEFORE, LAST))
        found = list(self._from(keys, place)[: most + 1])
        more, rows = len(found) > most, found[:most]
        if backwards:
            rows.reverse()
        is_start = (backwards and not more) or not place.startswith((AFTER, BEFORE, LAST))
        is_end = place == LAST or (not backwards and not more)
        ways = {
            gettext("First"): "" if is_start else "1",
            gettext("Previous"): "" if is_start or not rows else BEFORE + keyset.written(keys, rows[0]),
            gettext("Next"): "" if is_end or not rows else AFTER + keyset.written(keys, rows[-1]),
            gettext("Last"): "" if is_end else LAST,
        }
        self.result_list = rows
        self.steps = [(name, to and self.get_query_string({PAGE_VAR: to})) for name, to in ways.items()]

    def _from(self, keys: Sequence[keyset.Key], place: str) -> QuerySet[Any]:
        if place == LAST:
            return self.queryset.reverse()
        if place.startswith(BEFORE):
            values = keyset.read(keys, place.removeprefix(BEFORE))
            return self.queryset.filter(keyset.before(keys, values)).reverse()
        if place.startswith(AFTER):
            return self.queryset.filter(keyset.after(keys, keyset.read(keys, place.removeprefix(AFTER))))
        return self.queryset

    @override
    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """``o`` may name columns (``-updated_at``), so that it means the same whatever columns are shown."""
        if given := self.params.get(ORDER_VAR):
            self.params[ORDER_VAR] = ".".join(_positions(given, self.list_display))
        return super().get_ordering(request, queryset)

    @cached_property
    def tools(self) -> dict[str, Any]:
        """For the menus of the list."""
        return saved.tools(self, self.request)

    @property
    def uses(self) -> list[tuple[Any, str, str]]:
        """What the rows that are shown use: what kind of thing, its name, and the list without asking for it. The same
        of a field that has one of a few values."""
        using = [
            (str(spec.title), str(name), self.get_query_string(remove=[spec.parameter_name]))
            for spec in self.filter_specs
            if isinstance(spec, Using)
            for _id, name in spec.lookup_choices
        ]
        several = [
            (str(field.verbose_name), _names(field, given), self.get_query_string(remove=[lookup]))
            for field in self.lookup_opts.fields
            if field.flatchoices and (given := self.params.get(lookup := f"{field.name}__in"))
        ]
        return using + several

    @cached_property
    def named_ordering(self) -> str:
        """``o`` with its columns' names; empty for the list's own order."""
        columns = dict(enumerate(self.list_display))
        parts = self.params.get(ORDER_VAR, "").split(".")
        names = (("-" if part.startswith("-") else "", columns.get(_number(part))) for part in parts)
        return ".".join(f"{sign}{name}" for sign, name in names if isinstance(name, str))


def _names(field: Field[Any, Any], values: str) -> str:
    """Several of its ``choices``, as the reader calls them."""
    names = dict(field.flatchoices)
    return ", ".join(str(names.get(value, value)) for value in values.split(",") if value)


def _positions(given: str, columns: Sequence[Any]) -> list[str]:
    """Names as the positions of the columns that are shown; positions as they are."""
    found = []
    for part in given.split("."):
        sign, name = ("-", part[1:]) if part.startswith("-") else ("", part)
        if name in columns:
            found.append(f"{sign}{columns.index(name)}")
        elif name.isdecimal():
            found.append(part)
    return found


def _number(part: str) -> int:
    number = whole(part.removeprefix("-"))
    return -1 if number is None else number
