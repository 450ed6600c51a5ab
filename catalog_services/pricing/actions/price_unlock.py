from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.writes import lock
from catalog_services.pricing.actions.fence import fence_of
from catalog_services.pricing.models import Price


@transaction.atomic
def price_unlock(*, id: UUID, publication_id: UUID) -> Price:
    """Release one publication's hold on one price; without such a hold nothing happens.

    Other publications' holds stay, and the publication itself goes on. Raises ``NotFound``.
    """
    fence_of(publication_id)
    row = lock(Price, id, expected_version=None)
    row.holds.filter(publication_id=publication_id).delete()
    return row
