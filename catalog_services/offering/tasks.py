"""Event handlers and periodic work: thin, they load and call an action."""

from __future__ import annotations

from uuid import UUID

from apps.observability import metrics
from apps.outbox.envelope import CloudEvent
from apps.outbox.inbox import handles
from apps.outbox.periodic import every
from apps.references.replicas import apply_event
from apps.saga.client import engine
from catalog_services.offering import kinds
from catalog_services.offering.actions.publication_moves import CANCELLED_EVENT, REQUESTED_EVENT
from catalog_services.offering.actions.publication_reconcile import publications_reconcile
from catalog_services.offering.actions.publication_record_steps import publications_record_steps
from catalog_services.offering.actions.publication_start import publication_start
from catalog_services.offering.actions.scheduled_change_carry_out import scheduled_changes_carry_out
from catalog_services.offering.domain.publication import FAILED
from catalog_services.offering.references import CHARACTERISTIC, PRICE, SPECIFICATION
from catalog_services.offering.selectors.publication import publications_open, publications_standing_by_state

__all__ = ["kinds"]


@handles(
    "catalog.characteristic.CharacteristicCreated.v1",
    "catalog.characteristic.CharacteristicUpdated.v1",
    "catalog.characteristic.CharacteristicDeleted.v1",
)
def characteristic_changed(event: CloudEvent) -> None:
    """For their names: an offering fixes values of its specifications' characteristics."""
    apply_event(CHARACTERISTIC, event)


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


@handles(REQUESTED_EVENT)
def publication_requested(event: CloudEvent) -> None:
    publication_start(id=UUID(event.subject))


@handles(CANCELLED_EVENT)
def publication_cancelled(event: CloudEvent) -> None:
    """Its process undoes it now rather than when it is out of time; one that claimed nothing has nothing to undo, and
    might stand before its claim for ever."""
    if event.data["state"] == FAILED:
        engine().cancel(event.data["process_id"])
    else:
        engine().fire_timers(event.data["process_id"])


@every(5)
def settle_publications() -> None:
    """Reconcile what is older than its deadline."""
    publications_reconcile()


@every(1)
def carry_out_scheduled() -> None:
    """Publish and retire what is scheduled for now."""
    scheduled_changes_carry_out()


@every(15)
def count_open() -> None:
    """For the metrics of this relay."""
    for state, count in publications_open().items():
        metrics.PUBLICATIONS.labels(state).set(count)
    for state, count in publications_standing_by_state().items():
        metrics.PUBLICATIONS_STANDING.labels(state).set(count)


@every(2)
def record_steps() -> None:
    """Keep the steps of running publications, and of those that just ended, current."""
    publications_record_steps()
