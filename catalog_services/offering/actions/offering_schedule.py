from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.core import clock, correlation
from apps.core.actor import Actor
from apps.core.messages import Message
from apps.core.writes import lock
from catalog_services.offering.actions.scheduled_change_moves import close_open, tell
from catalog_services.offering.domain.scheduled_change import PENDING, check_schedule
from catalog_services.offering.models import Offering, ScheduledChange
from catalog_services.offering.selectors.scheduled_change import open_changes


@transaction.atomic
def offering_schedule(
    *, actor: Actor, id: UUID, kind: str, at: datetime, expected_version: int | None = None
) -> ScheduledChange:
    """Have an offering published or retired (``kind``) at a moment, in the name of ``actor``. The offering does not
    change by it. One of this kind that has failed is replaced.

    Raises ``NotFound``, ``PreconditionFailed``, ``ValidationFailed`` (the moment is past, or a retirement is not after
    its publication) and ``Conflict`` (scheduled already, or its status does not allow it).
    """
    offering = lock(Offering, id, expected_version=expected_version)
    pending = dict(open_changes(id).filter(state=PENDING).values_list("kind", "at"))
    check_schedule(kind, at, now=clock.now(), status=offering.lifecycle_status, pending=pending)
    close_open(offering, (kind,), Message("It was scheduled anew."), actor=actor)
    row = ScheduledChange.objects.create(
        offering=offering,
        kind=kind,
        at=at,
        try_at=at,
        scheduled_by=actor.username,
        scheduled_by_id=actor.id,
        correlation_id=correlation.accept(correlation.current()),
    )
    tell(row, actor=actor)
    return row
