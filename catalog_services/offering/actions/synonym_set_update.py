from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import assign, columns, lock, save
from apps.outbox.record import record_change
from catalog_services.offering.domain import synonym_set as domain
from catalog_services.offering.kinds import SYNONYM_SET
from catalog_services.offering.models import SynonymSet


@transaction.atomic
def synonym_set_update(
    *, actor: Actor, id: UUID, fields: Mapping[str, Any], expected_version: int | None = None
) -> SynonymSet:
    """Change the given fields. Raises ``NotFound``, ``PreconditionFailed``, ``ValidationFailed`` and ``Conflict``."""
    row = lock(SynonymSet, id, expected_version=expected_version)
    before = domain.SynonymSet(terms=tuple(row.terms), external_id=row.external_id)
    if assign(row, columns(before.changed(fields).checked())):
        save(row)
        record_change(SYNONYM_SET, "Updated", row, actor=actor)
    return row
