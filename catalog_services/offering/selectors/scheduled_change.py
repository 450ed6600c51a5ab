"""Reading scheduled changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.core import clock
from apps.core.clock import iso
from apps.core.messages import Message
from catalog_services.offering.domain.lifecycle import PUBLISHED, PUBLISHING
from catalog_services.offering.domain.scheduled_change import OPEN, PENDING, PUBLISH, RETIRE
from catalog_services.offering.models import Offering, ScheduledChange
from catalog_services.offering.selectors.offering import bundles_with

AGAIN_AFTER = timedelta(seconds=5)
"""What waits for something is tried again after this."""


def scheduled_changes() -> QuerySet[ScheduledChange]:
    """Every scheduled change with what its state needs, by its moment."""
    return ScheduledChange.objects.select_related("offering", "publication")


def open_changes(offering_id: UUID) -> QuerySet[ScheduledChange]:
    """Those of an offering that are still to be settled, by their moment."""
    return ScheduledChange.objects.filter(offering_id=offering_id, state__in=OPEN)


def due_changes() -> QuerySet[ScheduledChange]:
    """What is to be carried out now, by its moment or that of its next try: however many wait, none is kept from its
    first. A next try further ahead than any is planned was planned by a clock that was wrong."""
    now = clock.now()
    may_be_tried = Q(try_at__lte=now) | Q(try_at__gt=now + AGAIN_AFTER)
    due = ScheduledChange.objects.filter(may_be_tried, state=PENDING, at__lte=now)
    return due.order_by("try_at", "at", "id")


def what_it_waits_for(change: ScheduledChange) -> str:
    """Why a due change is not tried yet, in a sentence; empty when it is. A bundle and its members that were
    scheduled for one moment are carried out in the order that their rules ask for."""
    if change.offering.lifecycle_status == PUBLISHING:
        return Message("A publication of it is running.")
    if change.kind == RETIRE and _due_by_now(PUBLISH).filter(offering=change.offering_id).exists():
        return Message("Its publication comes first.")
    others = _members_on_their_way(change) if change.kind == PUBLISH else _bundles_on_their_way_out(change)
    if names := list(others.values_list("name", flat=True)[:5]):
        return Message("Waits for {names}.", names=", ".join(names))
    return ""


def _members_on_their_way(change: ScheduledChange) -> QuerySet[Offering]:
    members = Offering.objects.filter(pk__in=[one["id"] for one in change.offering.bundled_offerings])
    return members.filter(Q(lifecycle_status=PUBLISHING) | Q(scheduled_changes__in=_due_by_now(PUBLISH)))


def _bundles_on_their_way_out(change: ScheduledChange) -> QuerySet[Offering]:
    """Also those that are only on their way in: what is due for them comes first, too."""
    bundles = bundles_with(change.offering_id)
    of_age = Q(lifecycle_status__in=(PUBLISHING, PUBLISHED)) | Q(scheduled_changes__in=_due_by_now(PUBLISH))
    return bundles.filter(of_age).filter(scheduled_changes__in=_due_by_now(RETIRE)).distinct()


def _due_by_now(kind: str) -> QuerySet[ScheduledChange]:
    return ScheduledChange.objects.filter(kind=kind, state=PENDING, at__lte=clock.now())


def scheduled_change_state(row: ScheduledChange) -> dict[str, Any]:
    """The REST representation; the data of its events too."""
    return {
        "id": str(row.pk),
        "version": row.version,
        "offering_id": str(row.offering_id),
        "offering_name": row.offering.name,
        "kind": row.kind,
        "at": iso(row.at),
        "state": row.state,
        "reason": row.reason,
        "scheduled_by": row.scheduled_by,
        "correlation_id": row.correlation_id,
        "publication_id": str(row.publication_id) if row.publication_id else None,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "ended_at": iso(row.ended_at),
        "ended_by": row.ended_by,
    }
