"""Reading the category tree."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from catalog_services.offering.models import Category


def categories() -> QuerySet[Category]:
    """Every category."""
    return Category.objects.all()


def parents() -> dict[UUID, UUID | None]:
    """Every category's id with its parent's."""
    return dict(Category.objects.values_list("pk", "parent_id"))


def category_state(row: Category) -> dict[str, Any]:
    """The REST representation; the data of its events, snapshots and digests too."""
    return {
        **row.head(),
        "name": row.name,
        "description": row.description,
        "parent_id": str(row.parent_id) if row.parent_id else None,
    }
