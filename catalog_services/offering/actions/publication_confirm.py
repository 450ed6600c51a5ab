from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.core.messages import Message
from apps.core.writes import save
from apps.outbox.record import record_change
from catalog_services.offering.actions.publication_moves import lock_publication, move
from catalog_services.offering.actions.scheduled_change_moves import close_open
from catalog_services.offering.domain.lifecycle import PUBLISHED, check_move
from catalog_services.offering.domain.publication import CONFIRMED, WON
from catalog_services.offering.domain.scheduled_change import PUBLISH
from catalog_services.offering.kinds import OFFERING
from catalog_services.offering.models import Offering, Publication


@transaction.atomic
def publication_confirm(*, actor: Actor, id: UUID, process_id: str) -> Publication:
    """RUNNING -> CONFIRMED, and the offering is PUBLISHED with it, and no more to be published; confirming again
    changes nothing.

    Raises ``NotFound``, and ``Conflict`` when a failure was quicker or another process asks.
    """
    row = lock_publication(id)
    if row.process_id != process_id:
        raise Conflict(
            Message("Publication {id} belongs to process {process}.", id=id, process=row.process_id)
        )
    if row.state in WON:
        return row
    row.confirmed_at = clock.now()
    move(row, CONFIRMED)
    offering = Offering.objects.select_for_update().get(pk=row.offering_id)
    check_move(offering.lifecycle_status, PUBLISHED)
    offering.lifecycle_status = PUBLISHED
    offering.published_at = row.confirmed_at
    offering.bump()
    save(offering)
    close_open(offering, (PUBLISH,), Message("The offering was published before."), actor=actor)
    record_change(OFFERING, "Updated", offering, actor=actor)
    return row
