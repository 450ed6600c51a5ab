from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core import clock
from apps.core.errors import Conflict
from apps.core.messages import Message
from catalog_services.offering.actions.publication_moves import lock_publication, move
from catalog_services.offering.domain.publication import REQUESTED, RUNNING
from catalog_services.offering.models import Publication


@transaction.atomic
def publication_claim(*, id: UUID, process_id: str) -> Publication:
    """Make one process the only one that acts for a publication; claiming it again changes nothing.

    Raises ``NotFound``, and ``Conflict`` when another process has it or it has ended.
    """
    row = lock_publication(id)
    if row.process_id not in {"", process_id}:
        raise Conflict(
            Message("Publication {id} belongs to process {process}.", id=id, process=row.process_id)
        )
    if row.state == REQUESTED:
        row.process_id = process_id
        row.started_at = clock.now()
        move(row, RUNNING)
    elif row.state != RUNNING:
        raise Conflict(Message("Publication {id} is {state}.", id=id, state=row.state))
    return row
