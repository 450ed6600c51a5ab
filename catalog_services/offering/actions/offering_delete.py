from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.messages import Message
from apps.core.writes import lock
from apps.outbox.record import record_deletion
from catalog_services.offering.actions.membership import refuse_if_member
from catalog_services.offering.actions.scheduled_change_moves import close_open
from catalog_services.offering.domain.lifecycle import check_changeable
from catalog_services.offering.domain.scheduled_change import KINDS
from catalog_services.offering.kinds import OFFERING
from catalog_services.offering.models import Offering


@transaction.atomic
def offering_delete(*, actor: Actor, id: UUID, expected_version: int | None = None) -> None:
    """Delete a draft that is in no bundle; what was scheduled for it is cancelled.

    Raises ``NotFound``, ``PreconditionFailed`` and ``Conflict`` (not a draft, or naming the bundles).
    """
    row = lock(Offering, id, expected_version=expected_version)
    check_changeable(row.lifecycle_status)
    refuse_if_member(id)
    close_open(row, KINDS, Message("The offering was deleted."), actor=actor)
    record_deletion(OFFERING, row, actor=actor)
    row.delete()
