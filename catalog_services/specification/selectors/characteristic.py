"""What this service knows of characteristics: their replicas, fed by their owner's events."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from apps.references.models import Reference
from apps.references.replicas import ReferenceKind, refresh, register, resolve
from catalog_services.specification.domain.known import KnownCharacteristic

CHARACTERISTIC = register(ReferenceKind("characteristic", "characteristic", "/api/v1/characteristics"))


def replicas(ids: Iterable[str], *, field: str, fresh: bool = False) -> dict[str, Reference]:
    """The replicas by id; one that is not there yet, and with ``fresh`` every one, is fetched from its owner.

    Raises ``ValidationFailed`` on ``field`` naming the ids that nobody has, ``Unavailable`` when the owner cannot
    be asked. Call it before the transaction.
    """
    wanted = [UUID(id_) for id_ in ids]
    if fresh:
        refresh(CHARACTERISTIC, wanted)
    return {str(id_): row for id_, row in resolve(CHARACTERISTIC, wanted, field=field).items()}


def known(replica: Reference) -> KnownCharacteristic:
    """A replica as the domain sees it."""
    return KnownCharacteristic(
        id=str(replica.aggregate_id),
        name=replica.data["name"],
        value_type=replica.data["value_type"],
        values=tuple(value["value"] for value in replica.data["values"]),
        default=replica.data["value"],
    )
