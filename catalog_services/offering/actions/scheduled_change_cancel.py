from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.core.messages import Message
from catalog_services.offering.actions.scheduled_change_moves import lock_scheduled_change, move, tell
from catalog_services.offering.domain.scheduled_change import CANCELLED, CARRIED_OUT
from catalog_services.offering.models import ScheduledChange


@transaction.atomic
def scheduled_change_cancel(*, actor: Actor, id: UUID) -> ScheduledChange:
    """It will not be carried out; one that failed is settled. Cancelling twice changes nothing, and cancelling a
    publication leaves a retirement that was scheduled after it.

    Raises ``NotFound``, and ``Conflict`` when it is carried out already.
    """
    row = lock_scheduled_change(id)
    if row.state == CANCELLED:
        return row
    if row.state == CARRIED_OUT:
        raise Conflict(
            Message("It is carried out already: it cannot be cancelled any more."), state=row.state
        )
    move(row, CANCELLED, actor=actor, reason=Message("Cancelled by {who}.", who=actor.username))
    tell(row, actor=actor)
    return row
