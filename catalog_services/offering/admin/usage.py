"""Filters of the list of offerings that the pages of what offerings use link to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.admin_lists import filters
from catalog_services.offering.admin import sources
from catalog_services.offering.selectors.offering import with_member


def _holding(field: str) -> Callable[[QuerySet[Any], UUID], QuerySet[Any]]:
    """Rows whose list of ids has the given one (indexed)."""
    return lambda rows, id_: rows.filter(**{f"{field}__contains": [id_]})


FILTERS = (
    filters.using(
        "specification_id", sources.SPECIFICATIONS, _holding("specification_ids"), title=_("specification")
    ),
    filters.using("pricing_id", sources.PRICES, _holding("pricing_ids"), title=_("price")),
    filters.using("category_id", sources.CATEGORIES, _holding("category_ids"), title=_("category")),
    filters.using("catalog_id", sources.CATALOGS, _holding("catalog_ids"), title=_("catalog")),
    filters.using("bundled_offering_id", sources.OFFERINGS, with_member, title=_("member")),
)
