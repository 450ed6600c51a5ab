"""Reading publications."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.core.clock import iso
from catalog_services.offering.models import Publication


def publications() -> QuerySet[Publication]:
    """Every publication, the latest first."""
    return Publication.objects.all()


def publication_state(row: Publication) -> dict[str, Any]:
    """The REST representation; part of the data of its events too."""
    return {
        "id": str(row.pk),
        "version": row.version,
        "offering_id": str(row.offering_id),
        "state": row.state,
        "requested_by": row.requested_by,
        "process_id": row.process_id or None,
        "correlation_id": row.correlation_id,
        "failure": row.failure,
        "steps": row.steps,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "started_at": iso(row.started_at),
        "confirmed_at": iso(row.confirmed_at),
        "ended_at": iso(row.ended_at),
    }
