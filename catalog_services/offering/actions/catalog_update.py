from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import assign, columns, lock, save
from apps.outbox.record import record_change
from catalog_services.offering.domain import catalog as domain
from catalog_services.offering.kinds import CATALOG
from catalog_services.offering.models import Catalog


@transaction.atomic
def catalog_update(
    *, actor: Actor, id: UUID, fields: Mapping[str, Any], expected_version: int | None = None
) -> Catalog:
    """Change the given fields. Raises ``NotFound``, ``PreconditionFailed``, ``ValidationFailed`` and ``Conflict``."""
    row = lock(Catalog, id, expected_version=expected_version)
    before = domain.Catalog(
        name=row.name,
        description=row.description,
        external_id=row.external_id,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )
    if assign(row, columns(before.changed(fields).checked())):
        save(row)
        record_change(CATALOG, "Updated", row, actor=actor)
    return row
