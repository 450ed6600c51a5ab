"""Event handlers. Importing its kinds makes its snapshots complete."""

from __future__ import annotations

from apps.outbox.envelope import CloudEvent
from apps.outbox.inbox import handles
from apps.references.replicas import apply_event
from catalog_services.specification import kinds
from catalog_services.specification.selectors.characteristic import CHARACTERISTIC

__all__ = ["kinds"]


@handles(
    "catalog.characteristic.CharacteristicCreated.v1",
    "catalog.characteristic.CharacteristicUpdated.v1",
    "catalog.characteristic.CharacteristicDeleted.v1",
)
def characteristic_changed(event: CloudEvent) -> None:
    """Keep the replica. Specifications stay as they are, also when a value they chose is no longer allowed: what
    somebody decided is not silently decided anew, and a publication refuses it by name."""
    apply_event(CHARACTERISTIC, event)
