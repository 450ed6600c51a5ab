"""The base of every list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, override

from django.contrib.admin import ShowFacets
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from apps.admin_lists.changelist import ListChangeList
from apps.admin_lists.counted import ListPaginator


class ListAdmin(ModelAdmin):
    """A list that answers as quickly with 200,000 rows as with 200."""

    paginator = ListPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    search_exact: ClassVar[Sequence[str]] = ("pk",)
    """Indexed fields that a search compares as a whole before it looks into the ``search_fields``."""

    @override
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ListChangeList]:
        return ListChangeList

    @override
    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """What is pasted, an id, is found by its index; words are looked for."""
        if exact := self._exactly(search_term.strip()):
            found = queryset.filter(exact)
            if found.exists():
                return found, False
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        return found, has_duplicates

    def _exactly(self, term: str) -> Q:
        """Where one of the ``search_exact`` is the term; empty when it fits none of them."""
        wanted = Q()
        for name in self.search_exact if term else ():
            options = self.model._meta
            field: Any = options.pk if name == "pk" else options.get_field(name)
            try:
                wanted |= Q(**{name: field.to_python(term)})
            except ValidationError:
                continue
        return wanted
