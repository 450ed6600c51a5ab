from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import assign, columns, hold, lock, one_at_a_time, save
from apps.outbox.record import record_change
from catalog_services.offering.domain import category as domain
from catalog_services.offering.kinds import CATEGORY
from catalog_services.offering.models import Category
from catalog_services.offering.selectors.category import parents

TREE_LOCK = 620_001
"""Two moves side by side could close a circle that neither sees."""


@transaction.atomic
def category_update(
    *, actor: Actor, id: UUID, fields: Mapping[str, Any], expected_version: int | None = None
) -> Category:
    """Change the given fields. Raises ``NotFound``, ``PreconditionFailed``, ``ValidationFailed`` and ``Conflict``."""
    if "parent_id" in fields:  # before any row is locked: who moves another one may wait for this one
        one_at_a_time(TREE_LOCK)
    row = lock(Category, id, expected_version=expected_version)
    before = domain.Category(
        name=row.name, description=row.description, external_id=row.external_id, parent_id=row.parent_id
    )
    checked = before.changed(fields).checked()
    if checked.parent_id != before.parent_id:
        if checked.parent_id is not None:
            hold(Category, [checked.parent_id])
        domain.check_tree(id, checked.parent_id, parents())
    if assign(row, columns(checked)):
        save(row)
        record_change(CATEGORY, "Updated", row, actor=actor)
    return row
