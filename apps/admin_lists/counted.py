"""Pages of a list whose rows are not counted one by one when they are very many."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

from apps.admin_lists import keyset
from apps.core.counting import count_of


class ListPaginator(Paginator):  # type: ignore[type-arg]
    template_name = "admin_lists/pagination.html"

    @cached_property
    def count(self) -> int:
        """An estimate where the list is walked from place to place; numbered pages end where the count says."""
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.count() if keyset.keys_of(rows) is None else count_of(rows)
