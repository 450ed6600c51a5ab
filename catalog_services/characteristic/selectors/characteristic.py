"""Reading characteristics."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.core.clock import iso
from catalog_services.characteristic.models import Characteristic


def characteristics() -> QuerySet[Characteristic]:
    """Every characteristic, with what its state needs."""
    return Characteristic.objects.all()


def characteristic_state(row: Characteristic) -> dict[str, Any]:
    """The REST representation; the data of its events, snapshots and digests too."""
    return {
        "id": str(row.pk),
        "external_id": row.external_id,
        "version": row.version,
        "name": row.name,
        "description": row.description,
        "value_type": row.value_type,
        "unit_of_measure": row.unit_of_measure,
        "values": row.values,
        "value": next((v["value"] for v in row.values if v["is_default"]), None),
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
    }
