from __future__ import annotations

from django.db import models

from apps.core.models import Aggregate, choices_of
from apps.core.searching import search_index
from apps.core.units import UNITS
from apps.core.values import VALUE_TYPES


class Characteristic(Aggregate):
    """A characteristic; ``values`` is a list of ``{"value", "is_default"}`` in the order they are offered."""

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True, default="")
    value_type = models.CharField(max_length=10, choices=choices_of(VALUE_TYPES))
    unit_of_measure = models.CharField(max_length=10, choices=choices_of(UNITS))
    values = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "characteristic"
        indexes = [search_index("name", "description", name="characteristic_search")]

    def __str__(self) -> str:
        return self.name
