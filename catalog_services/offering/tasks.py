"""Event handlers: thin, they load and call an action."""

from __future__ import annotations

from apps.outbox.envelope import CloudEvent
from apps.outbox.inbox import handles
from apps.references.replicas import apply_event
from catalog_services.offering import kinds
from catalog_services.offering.references import PRICE, SPECIFICATION

__all__ = ["kinds"]


@handles(
    "catalog.specification.SpecificationCreated.v1",
    "catalog.specification.SpecificationUpdated.v1",
    "catalog.specification.SpecificationDeleted.v1",
)
def specification_changed(event: CloudEvent) -> None:
    apply_event(SPECIFICATION, event)


@handles(
    "catalog.pricing.PriceCreated.v1", "catalog.pricing.PriceUpdated.v1", "catalog.pricing.PriceDeleted.v1"
)
def price_changed(event: CloudEvent) -> None:
    apply_event(PRICE, event)
