from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.errors import Conflict
from apps.core.messages import Message
from apps.core.writes import lock
from apps.outbox.record import record_deletion
from catalog_services.offering.actions.membership import refuse_if_listed
from catalog_services.offering.kinds import CATEGORY
from catalog_services.offering.models import Category


@transaction.atomic
def category_delete(*, actor: Actor, id: UUID, expected_version: int | None = None) -> None:
    """Delete a category without children and without offerings; a retired one does not count.

    Raises ``NotFound``, ``PreconditionFailed`` and ``Conflict`` naming what is in it.
    """
    row = lock(Category, id, expected_version=expected_version)
    children = list(row.children.values_list("name", flat=True)[:5])
    if children:
        raise Conflict(Message("It has categories below it: {names}.", names=", ".join(children)))
    refuse_if_listed("category_ids", id)
    record_deletion(CATEGORY, row, actor=actor)
    row.delete()
