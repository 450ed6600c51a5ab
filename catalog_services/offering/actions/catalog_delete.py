from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import lock
from apps.outbox.record import record_deletion
from catalog_services.offering.actions.membership import refuse_if_listed
from catalog_services.offering.kinds import CATALOG
from catalog_services.offering.models import Catalog


@transaction.atomic
def catalog_delete(*, actor: Actor, id: UUID, expected_version: int | None = None) -> None:
    """Delete a catalog without offerings; a retired one does not count.

    Raises ``NotFound``, ``PreconditionFailed`` and ``Conflict`` naming what is in it.
    """
    row = lock(Catalog, id, expected_version=expected_version)
    refuse_if_listed("catalog_ids", id)
    record_deletion(CATALOG, row, actor=actor)
    row.delete()
