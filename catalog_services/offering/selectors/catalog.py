"""Reading catalogs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.core.clock import iso
from catalog_services.offering.models import Catalog


def catalogs() -> QuerySet[Catalog]:
    """Every catalog."""
    return Catalog.objects.all()


def catalog_state(row: Catalog) -> dict[str, Any]:
    """The REST representation; the data of its events, snapshots and digests too."""
    return {
        "id": str(row.pk),
        "external_id": row.external_id,
        "version": row.version,
        "name": row.name,
        "description": row.description,
        "valid_from": iso(row.valid_from),
        "valid_to": iso(row.valid_to),
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
    }
