from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import assign, columns, lock, save
from apps.outbox.record import record_change
from catalog_services.pricing.actions.holds import refuse_if_held
from catalog_services.pricing.domain import price as domain
from catalog_services.pricing.kinds import PRICE
from catalog_services.pricing.models import Price


@transaction.atomic
def price_update(
    *, actor: Actor, id: UUID, fields: Mapping[str, Any], expected_version: int | None = None
) -> Price:
    """Change the given fields of a price that no publication holds; a published offering's price may change.

    What changes nothing makes no version and no event.
    Raises ``NotFound``, ``PreconditionFailed``, ``Locked``, ``ValidationFailed`` and ``Conflict``.
    """
    row = lock(Price, id, expected_version=expected_version)
    refuse_if_held(row)
    checked = to_domain(row).changed(fields).checked()
    if assign(row, columns(checked)):
        save(row)
        record_change(PRICE, "Updated", row, actor=actor)
    return row


def to_domain(row: Price) -> domain.Price:
    """A row as the domain sees it."""
    return domain.Price(**{field.name: getattr(row, field.name) for field in fields_of(domain.Price)})
