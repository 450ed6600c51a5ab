from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from apps.rest.filters import IdsFilter
from catalog_services.specification.selectors.specification import using


class SpecificationFilter(filters.FilterSet):
    """Exact matches; ``search`` looks into name, description, brand and product number."""

    id = IdsFilter()
    name = filters.CharFilter()
    external_id = filters.CharFilter()
    product_number = filters.CharFilter()
    brand = filters.CharFilter()
    characteristic_id = filters.UUIDFilter(method="by_characteristic")

    def by_characteristic(self, queryset: QuerySet[Any], name: str, value: UUID) -> QuerySet[Any]:
        return using(queryset, value)
