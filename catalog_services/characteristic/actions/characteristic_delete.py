from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import lock
from apps.outbox.record import record_deletion
from apps.references.usage import UsedBy, refuse_if_used
from catalog_services.characteristic.kinds import CHARACTERISTIC
from catalog_services.characteristic.models import Characteristic

USERS = (UsedBy("specification", "specification", "/api/v1/specifications", "characteristic_id"),)


def characteristic_delete(*, actor: Actor, id: UUID, expected_version: int | None = None) -> None:
    """Delete a characteristic that no specification uses.

    Raises ``NotFound``, ``PreconditionFailed``, ``Conflict`` naming the specifications, and
    ``Unavailable`` when the specification service cannot be asked.
    """
    with transaction.atomic():  # what is known here is said before anybody is asked
        lock(Characteristic, id, expected_version=expected_version)
    refuse_if_used("characteristic", id, *USERS)
    with transaction.atomic():
        row = lock(Characteristic, id, expected_version=expected_version)
        record_deletion(CHARACTERISTIC, row, actor=actor)
        row.delete()
