from __future__ import annotations

from uuid import UUID

from django.db import transaction

from catalog_services.offering.actions.publication_moves import lock_publication, move
from catalog_services.offering.domain.publication import FAILING, REQUESTED, RUNNING, WON, Failure

UNDO, FOLLOW = "undo", "follow"


@transaction.atomic
def publication_fail(*, id: UUID, failure: Failure) -> str:
    """RUNNING -> FAILING, the start of every failure path. Gives ``undo``; or ``follow`` when it was confirmed
    meanwhile and nothing may be undone. The first reason stays. Raises ``NotFound``.
    """
    row = lock_publication(id)
    if row.state in WON:
        return FOLLOW
    if row.state in {REQUESTED, RUNNING}:
        row.failure = failure.as_json()
        move(row, FAILING)
    return UNDO
