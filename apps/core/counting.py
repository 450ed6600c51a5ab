"""How many rows a query has, without a stall: to the row up to a bound, beyond it as the planner estimates."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext

EXACTLY = 10_000
"""Rows that are counted one by one; counting that many costs a few milliseconds."""


class About(int):
    """An estimated number of rows, which says so wherever it is shown."""

    def __str__(self) -> str:
        return gettext("about %(count)s") % {
            "count": number_format(int(self), use_l10n=True, force_grouping=True)
        }

    def __html__(self) -> str:
        return str(self)


def count_of(queryset: QuerySet[Any]) -> int:
    """The number of rows; more than ``EXACTLY`` of them are ``About``."""
    rows = queryset.order_by()
    counted = rows[: EXACTLY + 1].count()
    return counted if counted <= EXACTLY else About(max(counted, _estimated(rows)))


def _estimated(queryset: QuerySet[Any]) -> int:
    """What PostgreSQL expects before it looks, from the statistics of the table."""
    (plan,) = json.loads(queryset.explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])
