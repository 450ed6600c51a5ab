"""Reading synonyms."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.core.clock import iso
from catalog_services.offering.models import SynonymSet


def synonym_sets() -> QuerySet[SynonymSet]:
    """Every set of synonyms."""
    return SynonymSet.objects.all()


def synonym_set_state(row: SynonymSet) -> dict[str, Any]:
    """The REST representation; the data of its events, snapshots and digests too."""
    return {
        "id": str(row.pk),
        "external_id": row.external_id,
        "version": row.version,
        "terms": list(row.terms),
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
    }
