from __future__ import annotations

from django.db import models

from apps.core.models import Aggregate
from apps.core.searching import search_index


class Catalog(Aggregate):
    """A named collection of offerings."""

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True, default="")
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "catalog"
        indexes = [search_index("name", "description", name="catalog_search")]

    def __str__(self) -> str:
        return self.name
