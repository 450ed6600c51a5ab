from django_filters import rest_framework as filters


class CharacteristicFilter(filters.FilterSet):
    """Exact matches; ``search`` looks into name and description."""

    name = filters.CharFilter()
    external_id = filters.CharFilter()
    value_type = filters.CharFilter()
    unit_of_measure = filters.CharFilter()
