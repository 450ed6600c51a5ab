from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import assign, columns, lock, save
from apps.outbox.record import record_change
from catalog_services.characteristic.domain import characteristic as domain
from catalog_services.characteristic.kinds import CHARACTERISTIC
from catalog_services.characteristic.models import Characteristic


@transaction.atomic
def characteristic_update(
    *, actor: Actor, id: UUID, fields: Mapping[str, Any], expected_version: int | None = None
) -> Characteristic:
    """Change the given fields; what changes nothing makes no version and no event.

    Raises ``NotFound``, ``PreconditionFailed``, ``ValidationFailed`` and ``Conflict``.
    """
    row = lock(Characteristic, id, expected_version=expected_version)
    checked = to_domain(row).changed(fields).checked()
    if assign(row, columns(checked)):
        save(row)
        record_change(CHARACTERISTIC, "Updated", row, actor=actor)
    return row


def to_domain(row: Characteristic) -> domain.Characteristic:
    """A row as the domain sees it."""
    return domain.Characteristic(
        name=row.name,
        description=row.description,
        value_type=row.value_type,
        unit_of_measure=row.unit_of_measure,
        values=tuple(domain.AllowedValue(**value) for value in row.values),
        external_id=row.external_id,
    )
