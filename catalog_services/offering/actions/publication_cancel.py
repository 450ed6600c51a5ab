from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.core.messages import Message
from catalog_services.offering.actions.publication_moves import (
    CANCELLED_EVENT,
    give_back,
    lock_publication,
    move,
    tell,
)
from catalog_services.offering.domain.publication import CANCELLED, FAILING, REQUESTED, RUNNING, Failure
from catalog_services.offering.models import Publication


@transaction.atomic
def publication_cancel(*, actor: Actor, id: UUID) -> Publication:
    """Stop a publication that is not confirmed yet. One that no process has claimed is FAILED at once; a running
    one is FAILING. A process that was started is told by an event. Cancelling twice changes nothing.

    Raises ``NotFound``, and ``Conflict`` when it is confirmed or has ended.
    """
    row = lock_publication(id)
    if row.state == FAILING:
        return row
    if row.state not in {REQUESTED, RUNNING}:
        raise Conflict(
            Message("The publication is {state}: it cannot be cancelled any more.", state=row.state),
            state=row.state,
        )
    unclaimed = row.state == REQUESTED
    row.failure = Failure(CANCELLED, Message("Cancelled by {who}.", who=actor.username)).as_json()
    move(row, FAILING)
    if unclaimed:  # whatever process was started will be refused its claim
        give_back(row, actor=actor)
    if row.process_id:
        tell(CANCELLED_EVENT, row, row.offering, actor=actor)
    return row
