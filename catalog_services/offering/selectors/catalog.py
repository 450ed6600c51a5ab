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
        **row.head(),
        "name": row.name,
        "description": row.description,
        "valid_from": iso(row.valid_from),
        "valid_to": iso(row.valid_to),
    }
