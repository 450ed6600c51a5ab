from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import columns, save
from apps.outbox.record import record_change
from catalog_services.characteristic.domain import characteristic as domain
from catalog_services.characteristic.kinds import CHARACTERISTIC
from catalog_services.characteristic.models import Characteristic


@transaction.atomic
def characteristic_create(*, actor: Actor, fields: Mapping[str, Any]) -> Characteristic:
    """Create a characteristic from its REST fields and tell of it.

    Raises ``ValidationFailed`` (domain rules) and ``Conflict`` (name or external id taken).
    """
    checked = domain.Characteristic(name="").changed(fields).checked()
    row = save(Characteristic(**columns(checked)))
    record_change(CHARACTERISTIC, "Created", row, actor=actor)
    return row
