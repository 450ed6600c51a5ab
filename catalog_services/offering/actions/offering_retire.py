from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core import clock
from apps.core.actor import Actor
from apps.core.messages import Message
from apps.core.writes import lock, save
from apps.outbox.record import record_change
from catalog_services.offering.actions.membership import refuse_if_member
from catalog_services.offering.actions.scheduled_change_moves import close_open
from catalog_services.offering.domain.lifecycle import PUBLISHED, PUBLISHING, RETIRED, check_move
from catalog_services.offering.domain.scheduled_change import KINDS
from catalog_services.offering.kinds import OFFERING
from catalog_services.offering.models import Offering


@transaction.atomic
def offering_retire(*, actor: Actor, id: UUID, expected_version: int | None = None) -> Offering:
    """Take a published offering off the market; what was scheduled for it is cancelled.

    Raises ``NotFound``, ``PreconditionFailed`` and ``Conflict`` (not published, or a member of a bundle that is
    published or on its way).
    """
    row = lock(Offering, id, expected_version=expected_version)
    check_retirable(row)
    row.lifecycle_status = RETIRED
    row.retired_at = clock.now()
    row.bump()
    save(row)
    close_open(row, KINDS, Message("The offering was retired before."), actor=actor)
    record_change(OFFERING, "Updated", row, actor=actor)
    return row


def check_retirable(row: Offering) -> None:
    """Raises ``Conflict``: not published, or naming the bundles that are published or on their way with it."""
    check_move(row.lifecycle_status, RETIRED)
    refuse_if_member(row.pk, in_status=(PUBLISHING, PUBLISHED))
