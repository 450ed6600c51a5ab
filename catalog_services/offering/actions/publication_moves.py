"""What every change of a publication does: take the row's lock, compare, set, and say when to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict, NotFound
from apps.core.messages import Message
from apps.core.writes import save
from apps.outbox.envelope import CloudEvent
from apps.outbox.record import record_change, record_event
from catalog_services.offering.domain.lifecycle import DRAFT, PUBLISHING
from catalog_services.offering.domain.publication import DONE, FAILED, RUNNING, Failure, may_become
from catalog_services.offering.kinds import OFFERING
from catalog_services.offering.models import Offering, Publication
from catalog_services.offering.selectors.publication import publication_state

REQUESTED_EVENT = "catalog.offering.PublicationRequested.v1"
CANCELLED_EVENT = "catalog.offering.PublicationCancelled.v1"
FAILED_EVENT = "catalog.offering.PublicationFailed.v1"

REVIEW_AFTER = timedelta(seconds=20)


def lock_publication(id_: UUID) -> Publication:
    """The row, locked until the transaction ends. Raises ``NotFound``."""
    row = Publication.objects.select_for_update(of=("self",)).filter(pk=id_).first()
    if row is None:
        raise NotFound(Message("There is no {kind} with id {ids}.", kind=Message("publication"), ids=id_))
    return row


def move(row: Publication, target: str) -> None:
    """Go to the next state; the caller holds the lock. Raises ``Conflict`` when another outcome was quicker."""
    if not may_become(row.state, target):
        raise Conflict(
            Message("A publication in {current} cannot become {target}.", current=row.state, target=target),
            state=row.state,
        )
    row.state = target
    row.version += 1
    row.updated_at = clock.now()
    row.review_at = review_at(target)
    if target in {DONE, FAILED}:
        row.ended_at = row.updated_at
    row.save()


def review_at(state: str) -> datetime:
    """When the reconciler looks at a publication that stays in ``state``: while it runs, after the saga's own timer."""
    own_timer = settings.PUBLICATION_SECONDS if state == RUNNING else 0
    return clock.now() + REVIEW_AFTER + timedelta(seconds=own_timer)


def give_back(row: Publication, *, actor: Actor) -> None:
    """FAILED: the offering is a draft again and says why; pricing and store undo what this publication did."""
    failure = Failure(**(row.failure or {"code": "failed", "message": Message("The publication failed.")}))
    row.failure = replace(failure, undo="").as_json()
    move(row, FAILED)
    offering = Offering.objects.select_for_update().get(pk=row.offering_id)
    if offering.lifecycle_status == PUBLISHING and offering.publication_id == row.pk:
        offering.lifecycle_status = DRAFT
        offering.status_reason = failure.message
        offering.bump()
        save(offering)
        record_change(OFFERING, "Updated", offering, actor=actor)
    tell(FAILED_EVENT, row, offering, actor=actor)


def tell(type_: str, row: Publication, offering: Offering, *, actor: Actor) -> CloudEvent:
    """Record an event about a publication: its state and what it publishes."""
    data = {
        **publication_state(row),
        "offering_version": row.offering_version,
        "pricing_ids": [str(id_) for id_ in offering.pricing_ids],
        "specification_ids": [str(id_) for id_ in offering.specification_ids],
        "bundled_offering_ids": [member["id"] for member in offering.bundled_offerings],
    }
    return record_event(type_, str(row.pk), row.version, data, actor=actor)
