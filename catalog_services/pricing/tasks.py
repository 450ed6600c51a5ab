"""Event handlers and periodic work. Importing its kinds makes its snapshots complete."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from apps.core import clock
from apps.outbox.envelope import CloudEvent
from apps.outbox.inbox import handles
from apps.outbox.periodic import every
from catalog_services.pricing import kinds
from catalog_services.pricing.actions.fences_forget import fences_forget
from catalog_services.pricing.actions.publication_end import publication_end

__all__ = ["kinds"]

FENCES_KEPT = timedelta(days=30)


@handles("catalog.offering.PublicationFailed.v1")
def publication_failed(event: CloudEvent) -> None:
    """Undo whatever that publication did here, also a lock whose completion was lost or is still to come."""
    publication_end(publication_id=UUID(event.data["id"]))


@every(3600)
def forget_old_fences() -> None:
    fences_forget(before=clock.now() - FENCES_KEPT)
