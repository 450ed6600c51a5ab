from django_filters import rest_framework as filters

from apps.rest.filters import IdsFilter, MomentFilter, StrictBooleanFilter
from catalog_services.pricing.domain.money import CURRENCIES
from catalog_services.pricing.domain.price import PRICE_TYPES


class PriceFilter(filters.FilterSet):
    """Exact matches; ``currency`` and ``price_type`` may be repeated; ``search`` looks into name and unit."""

    id = IdsFilter()
    name = filters.CharFilter()
    external_id = filters.CharFilter()
    currency = filters.MultipleChoiceFilter(choices=[(code, code) for code in CURRENCIES], distinct=False)
    price_type = filters.MultipleChoiceFilter(choices=[(name, name) for name in PRICE_TYPES], distinct=False)
    valid_from_after = MomentFilter(field_name="valid_from", lookup_expr="gte")
    valid_from_before = MomentFilter(field_name="valid_from", lookup_expr="lte")
    valid_to_after = MomentFilter(field_name="valid_to", lookup_expr="gte")
    valid_to_before = MomentFilter(field_name="valid_to", lookup_expr="lte")
    locked = StrictBooleanFilter()
