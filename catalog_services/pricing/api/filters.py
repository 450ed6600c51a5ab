from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from catalog_services.pricing.domain.money import CURRENCIES
from catalog_services.pricing.domain.price import PRICE_TYPES


class PriceFilter(filters.FilterSet):
    """Exact matches; ``search`` looks into name and unit."""

    name = filters.CharFilter()
    external_id = filters.CharFilter()
    currency = filters.ChoiceFilter(choices=[(code, code) for code in CURRENCIES])
    price_type = filters.ChoiceFilter(choices=[(name, name) for name in PRICE_TYPES])
    locked = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="by_lock")

    def by_lock(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(locked=value == "true")
