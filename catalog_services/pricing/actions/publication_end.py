from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core import clock
from catalog_services.pricing.actions.fence import fence_of
from catalog_services.pricing.models import PriceHold


@transaction.atomic
def publication_end(*, publication_id: UUID) -> int:
    """Release whatever a publication holds and let it hold nothing more; gives how many prices it held.

    The undo (unlock-prices, ``PublicationFailed``) and the end of a success (release-prices) are this one
    action: idempotent, and good also before the lock it undoes.
    """
    fence = fence_of(publication_id)
    if fence.ended_at is None:
        fence.ended_at = clock.now()
        fence.save(update_fields=["ended_at"])
    held, _ = PriceHold.objects.filter(publication_id=publication_id).delete()
    return held
