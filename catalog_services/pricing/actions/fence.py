"""A publication's fence: who holds prices for it, and who ends it, do so one after the other."""

from __future__ import annotations

from uuid import UUID

from catalog_services.pricing.models import PublicationFence


def fence_of(publication_id: UUID) -> PublicationFence:
    """The publication's fence, locked until the transaction ends; made by whoever comes first."""
    PublicationFence.objects.bulk_create(
        [PublicationFence(publication_id=publication_id)], ignore_conflicts=True
    )
    return PublicationFence.objects.select_for_update().get(pk=publication_id)
