"""Reading synonyms."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from catalog_services.offering.models import SynonymSet


def synonym_sets() -> QuerySet[SynonymSet]:
    """Every set of synonyms."""
    return SynonymSet.objects.all()


def synonym_set_state(row: SynonymSet) -> dict[str, Any]:
    """The REST representation; the data of its events, snapshots and digests too."""
    return {
        **row.head(),
        "terms": list(row.terms),
    }
