"""Event handlers and periodic work. Importing its kinds makes its snapshots complete."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.outbox.envelope import CloudEvent
from apps.outbox.inbox import handles
from apps.outbox.retention import forgets
from catalog_services.pricing import kinds
from catalog_services.pricing.actions.publication_end import publication_end
from catalog_services.pricing.models import PublicationFence
from catalog_services.pricing.selectors.fence import idle_fences

__all__ = ["kinds"]


@handles("catalog.offering.PublicationFailed.v1")
def publication_failed(event: CloudEvent) -> None:
    """Undo whatever that publication did here, also a lock whose completion was lost or is still to come."""
    publication_end(publication_id=UUID(event.data["id"]))


@forgets("fences of publications that hold no price", setting="OUTBOX_KEEP_DAYS")
def old_fences(before: datetime) -> QuerySet[PublicationFence]:
    return idle_fences(before=before)
