from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from apps.core.models import Aggregate
from apps.core.searching import search_index


class Specification(Aggregate):
    """A specification; ``characteristics`` is a list of ``{"id", "values", "default", "configurable",
    "min_cardinality", "max_cardinality"}`` in the order they are shown, indexed by what they contain."""

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True, default="")
    brand = models.CharField(max_length=200, blank=True, default="", db_index=True)
    product_number = models.CharField(max_length=200, blank=True, default="", db_index=True)
    characteristics = models.JSONField(default=list)

    class Meta:
        ordering = ["name"]
        verbose_name = "specification"
        indexes = [
            GinIndex(
                fields=["characteristics"], opclasses=["jsonb_path_ops"], name="specification_where_used"
            ),
            search_index("name", "description", "brand", "product_number", name="specification_search"),
        ]

    def __str__(self) -> str:
        return self.name
