from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.core.messages import Message
from catalog_services.offering.actions.scheduled_change_carry_out import carry_out, fetch_references
from catalog_services.offering.actions.scheduled_change_moves import lock_scheduled_change
from catalog_services.offering.domain.scheduled_change import FAILED
from catalog_services.offering.models import ScheduledChange


def scheduled_change_retry(*, actor: Actor, id: UUID) -> ScheduledChange:
    """Carry out now, in the name of ``actor``, what could not be carried out when it was due; when that is refused
    again, it stays as it is.

    Raises ``NotFound``, ``Conflict`` when it has not failed, and what ``offering_publish`` and ``offering_retire`` do.
    """
    fetch_references(id)
    with transaction.atomic():
        row = lock_scheduled_change(id)
        if row.state != FAILED:
            raise Conflict(
                Message("The scheduled change is {state}: there is nothing to try again.", state=row.state),
                state=row.state,
            )
        carry_out(row, actor=actor)
    return row
