from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from apps.core.errors import Conflict, NotFound
from apps.core.messages import Message
from catalog_services.pricing.actions.fence import fence_of
from catalog_services.pricing.models import Price, PriceHold


@transaction.atomic
def prices_lock(*, price_ids: Collection[UUID], publication_id: UUID) -> list[Price]:
    """Hold every one of these prices for a publication, or none; doing it again changes nothing.

    Gives the prices as they are now and will stay. Raises ``NotFound`` naming the ids that are no price, and
    ``Conflict`` when the publication has ended here. Locks in order of id, so that two publications
    that share prices never wait for each other in a circle.
    """
    if fence_of(publication_id).ended_at is not None:
        raise Conflict(
            Message("Publication {id} has ended here: it cannot hold a price any more.", id=publication_id)
        )
    rows = list(Price.objects.select_for_update().filter(pk__in=price_ids).order_by("pk"))
    if missing := sorted({str(id_) for id_ in price_ids} - {str(row.pk) for row in rows}):
        raise NotFound(
            Message("There is no {kind} with id {ids}.", kind=Message("price"), ids=", ".join(missing))
        )
    PriceHold.objects.bulk_create(
        [PriceHold(price=row, publication_id=publication_id) for row in rows], ignore_conflicts=True
    )
    return rows
