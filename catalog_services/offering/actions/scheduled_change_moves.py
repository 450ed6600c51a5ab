"""What every change of a scheduled change does: take its offering's lock, compare, set, and tell of it.

The lock is the offering's, so that a change is never carried out while it is cancelled, or its offering deleted.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict, NotFound
from apps.core.messages import Message
from apps.outbox.envelope import CloudEvent
from apps.outbox.record import record_event
from catalog_services.offering.domain.scheduled_change import (
    CANCELLED,
    CARRIED_OUT,
    FAILED,
    PENDING,
    may_become,
)
from catalog_services.offering.models import Offering, ScheduledChange
from catalog_services.offering.selectors.scheduled_change import (
    open_changes,
    scheduled_change_state,
    scheduled_changes,
)

_EVENTS = {
    PENDING: "catalog.offering.ScheduledChangeRequested.v1",
    CARRIED_OUT: "catalog.offering.ScheduledChangeCarriedOut.v1",
    FAILED: "catalog.offering.ScheduledChangeFailed.v1",
    CANCELLED: "catalog.offering.ScheduledChangeCancelled.v1",
}


def lock_scheduled_change(id_: UUID, *, unless_busy: bool = False) -> ScheduledChange:
    """The change as it is under its offering's lock, which lasts until the transaction ends.

    Raises ``NotFound``: also when, ``unless_busy``, somebody else has that lock.
    """
    offerings = Offering.objects.select_for_update(skip_locked=unless_busy)
    offering = offerings.filter(pk__in=ScheduledChange.objects.filter(pk=id_).values("offering_id")).first()
    row = scheduled_changes().filter(pk=id_).first() if offering else None
    if row is None:
        raise NotFound(
            Message("There is no {kind} with id {ids}.", kind=Message("scheduled change"), ids=id_)
        )
    return row


def move(row: ScheduledChange, target: str, *, actor: Actor, reason: str = "") -> None:
    """Go to the next state; the caller holds the lock, and tells of it. Raises ``Conflict`` when another outcome was
    quicker."""
    if not may_become(row.state, target):
        raise Conflict(
            Message(
                "A scheduled change that is {current} cannot become {target}.",
                current=row.state,
                target=target,
            ),
            state=row.state,
        )
    row.state = target
    row.reason = reason
    row.version += 1
    row.updated_at = clock.now()
    row.ended_at = row.updated_at
    row.ended_by = actor.username
    row.save()


def close_open(offering: Offering, kinds: Collection[str], reason: str, *, actor: Actor) -> None:
    """Cancel what has become pointless; the caller holds the offering's lock."""
    for row in open_changes(offering.pk).filter(kind__in=kinds):
        move(row, CANCELLED, actor=actor, reason=reason)
        tell(row, actor=actor)


def tell(row: ScheduledChange, *, actor: Actor) -> CloudEvent:
    """Record the event of the state that a change has come to."""
    return record_event(
        _EVENTS[row.state], str(row.pk), row.version, scheduled_change_state(row), actor=actor
    )
