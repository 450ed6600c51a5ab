from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from apps.rest.filters import IdsFilter, StrictBooleanFilter
from catalog_services.offering.domain.lifecycle import STATUSES
from catalog_services.offering.selectors.offering import with_member


class HoldsFilter(filters.UUIDFilter):
    """Rows whose list of ids holds the given one (indexed)."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs if value in {None, ""} else qs.filter(**{f"{self.field_name}__contains": [value]})


class MemberFilter(filters.UUIDFilter):
    """Bundles that have the given offering as a member (indexed)."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs if value in {None, ""} else with_member(qs, value)


class NamedFilter(filters.FilterSet):
    id = IdsFilter()
    name = filters.CharFilter()
    external_id = filters.CharFilter()


class OfferingFilter(NamedFilter):
    """``lifecycle_status`` may be repeated; the ``..._id`` filters answer where something is used."""

    lifecycle_status = filters.MultipleChoiceFilter(choices=[(status, status) for status in STATUSES])
    specification_id = HoldsFilter(field_name="specification_ids")
    pricing_id = HoldsFilter(field_name="pricing_ids")
    category_id = HoldsFilter(field_name="category_ids")
    catalog_id = HoldsFilter(field_name="catalog_ids")
    bundled_offering_id = MemberFilter()
    is_bundle = StrictBooleanFilter()


class CategoryFilter(NamedFilter):
    parent_id = filters.UUIDFilter()
