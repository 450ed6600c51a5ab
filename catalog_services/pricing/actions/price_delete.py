from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import lock
from apps.outbox.record import record_deletion
from apps.references.usage import NOT_RETIRED, UsedBy, refuse_if_used
from catalog_services.pricing.actions.holds import refuse_if_held
from catalog_services.pricing.kinds import PRICE
from catalog_services.pricing.models import Price

USERS = (UsedBy("offering", "offering", "/api/v1/offerings", "pricing_id", where=NOT_RETIRED),)


def price_delete(*, actor: Actor, id: UUID, expected_version: int | None = None) -> None:
    """Delete a price that no publication holds and no offering uses; a retired offering does not count. The question
    is asked under the row's lock: a publication that comes meanwhile waits for it, and finds the price gone.

    Raises ``NotFound``, ``PreconditionFailed``, ``Locked``, ``Conflict`` naming the offerings, and
    ``Unavailable`` when the offering service cannot be asked.
    """
    with transaction.atomic():
        row = lock(Price, id, expected_version=expected_version)
        refuse_if_held(row)
        refuse_if_used("price", id, *USERS)
        record_deletion(PRICE, row, actor=actor)
        row.delete()
