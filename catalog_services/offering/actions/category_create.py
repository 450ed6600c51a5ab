from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.ids import uuid7
from apps.core.writes import columns, hold, save
from apps.outbox.record import record_change
from catalog_services.offering.domain import category as domain
from catalog_services.offering.kinds import CATEGORY
from catalog_services.offering.models import Category
from catalog_services.offering.selectors.category import parents


@transaction.atomic
def category_create(*, actor: Actor, fields: Mapping[str, Any]) -> Category:
    """Create a category. Raises ``ValidationFailed`` and ``Conflict`` (a brother has that name)."""
    checked = domain.Category(name="").changed(fields).checked()
    id_ = uuid7()
    if checked.parent_id is not None:
        hold(Category, [checked.parent_id])
    domain.check_tree(id_, checked.parent_id, parents())
    row = save(Category(id=id_, **columns(checked)))
    record_change(CATEGORY, "Created", row, actor=actor)
    return row
