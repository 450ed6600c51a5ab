from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import assign, columns, lock, save
from apps.outbox.record import record_change
from catalog_services.specification.actions.choices import with_choices
from catalog_services.specification.domain import specification as domain
from catalog_services.specification.domain.choice import Choice
from catalog_services.specification.kinds import SPECIFICATION
from catalog_services.specification.models import Specification


def specification_update(
    *, actor: Actor, id: UUID, fields: Mapping[str, Any], expected_version: int | None = None
) -> Specification:
    """Change the given fields; what changes nothing makes no version and no event.

    Characteristics that are given replace all there were; those that are not given stay as they are and are
    not checked again. Raises ``NotFound``, ``PreconditionFailed``, ``ValidationFailed``, ``Conflict`` and
    ``Unavailable``.
    """
    chosen = with_choices(fields)
    with transaction.atomic():
        row = lock(Specification, id, expected_version=expected_version)
        checked = to_domain(row).changed(chosen).checked()
        if assign(row, columns(checked)):
            save(row)
            record_change(SPECIFICATION, "Updated", row, actor=actor)
    return row


def to_domain(row: Specification) -> domain.Specification:
    """A row as the domain sees it."""
    return domain.Specification(
        name=row.name,
        description=row.description,
        brand=row.brand,
        product_number=row.product_number,
        external_id=row.external_id,
        characteristics=tuple(
            Choice(**{**choice, "values": tuple(choice["values"])}) for choice in row.characteristics
        ),
    )
