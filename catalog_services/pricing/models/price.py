from __future__ import annotations

from django.db import models

from apps.core.models import Aggregate, choices_of
from apps.core.searching import search_index
from apps.core.units import MEASURABLE
from catalog_services.pricing.domain.price import PERIODS, PRICE_TYPES


class Price(Aggregate):
    """A price; its version is that of its own facts, which a hold does not change."""

    name = models.CharField(max_length=200, unique=True)
    value = models.DecimalField(max_digits=18, decimal_places=6)
    currency = models.CharField(max_length=3)
    unit = models.CharField("label", max_length=100, blank=True, default="")
    price_type = models.CharField(max_length=10, blank=True, choices=choices_of(PRICE_TYPES))
    recurring_period = models.CharField(max_length=10, null=True, blank=True, choices=choices_of(PERIODS))
    recurring_period_length = models.PositiveSmallIntegerField(null=True, blank=True)
    unit_of_measure = models.CharField(max_length=10, null=True, blank=True, choices=choices_of(MEASURABLE))
    tax_rate = models.DecimalField(max_digits=7, decimal_places=4, null=True, blank=True)
    tax_included = models.BooleanField(default=False)
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "price"
        indexes = [search_index("name", "unit", name="price_search")]

    def __str__(self) -> str:
        return self.name
