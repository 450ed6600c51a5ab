"""Reading specifications."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from catalog_services.specification.models import Specification


def specifications() -> QuerySet[Specification]:
    """Every specification, with what its state needs."""
    return Specification.objects.all()


def using(queryset: QuerySet[Specification], characteristic_id: UUID) -> QuerySet[Specification]:
    """Those of ``queryset`` that have the characteristic; by index."""
    return queryset.filter(characteristics__contains=[{"id": str(characteristic_id)}])


def specification_state(row: Specification) -> dict[str, Any]:
    """The REST representation; the data of its events, snapshots and digests too."""
    return {
        **row.head(),
        "name": row.name,
        "description": row.description,
        "brand": row.brand,
        "product_number": row.product_number,
        "characteristics": row.characteristics,
        "characteristic_ids": [choice["id"] for choice in row.characteristics],
    }
