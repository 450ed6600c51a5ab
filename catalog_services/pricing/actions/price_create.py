from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import columns, save
from apps.outbox.record import record_change
from catalog_services.pricing.domain import price as domain
from catalog_services.pricing.kinds import PRICE
from catalog_services.pricing.models import Price


@transaction.atomic
def price_create(*, actor: Actor, fields: Mapping[str, Any]) -> Price:
    """Create a price from its REST fields and tell of it.

    Raises ``ValidationFailed`` (domain rules) and ``Conflict`` (name or external id taken).
    """
    checked = domain.Price(name="").changed(fields).checked()
    row = save(Price(**columns(checked)))
    record_change(PRICE, "Created", row, actor=actor)
    return row
