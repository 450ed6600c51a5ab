from django_filters import rest_framework as filters

from apps.rest.filters import IdsFilter


class CharacteristicFilter(filters.FilterSet):
    """Exact matches; ``search`` looks into name and description."""

    id = IdsFilter()
    name = filters.CharFilter()
    external_id = filters.CharFilter()
    value_type = filters.CharFilter()
    unit_of_measure = filters.CharFilter()
