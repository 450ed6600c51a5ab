from __future__ import annotations

from django.db import models

from apps.core.models import Aggregate
from apps.core.searching import search_index


class Category(Aggregate):
    """A node of the category tree; names are unique among brothers."""

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    class Meta:
        ordering = ["name"]
        verbose_name = "category"
        verbose_name_plural = "categories"
        indexes = [
            models.Index(fields=["name", "id"], name="category_by_name"),
            search_index("name", "description", name="category_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                name="category_once_per_parent",
                nulls_distinct=False,
                violation_error_message="There is a category with this name here already.",
            )
        ]

    def __str__(self) -> str:
        return self.name
