"""Reading characteristics."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from catalog_services.characteristic.models import Characteristic


def characteristics() -> QuerySet[Characteristic]:
    """Every characteristic, with what its state needs."""
    return Characteristic.objects.all()


def characteristic_state(row: Characteristic) -> dict[str, Any]:
    """The REST representation; the data of its events, snapshots and digests too."""
    return {
        **row.head(),
        "name": row.name,
        "description": row.description,
        "value_type": row.value_type,
        "unit_of_measure": row.unit_of_measure,
        "values": row.values,
        "value": next((v["value"] for v in row.values if v["is_default"]), None),
    }
