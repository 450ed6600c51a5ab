from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import lock
from apps.outbox.record import record_deletion
from catalog_services.offering.kinds import SYNONYM_SET
from catalog_services.offering.models import SynonymSet


@transaction.atomic
def synonym_set_delete(*, actor: Actor, id: UUID, expected_version: int | None = None) -> None:
    """Delete a set of synonyms. Raises ``NotFound`` and ``PreconditionFailed``."""
    row = lock(SynonymSet, id, expected_version=expected_version)
    record_deletion(SYNONYM_SET, row, actor=actor)
    row.delete()
