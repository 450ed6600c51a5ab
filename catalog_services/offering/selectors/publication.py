"""Reading publications."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from apps.core import clock
from apps.core.clock import iso
from apps.ops.flow import up_to
from apps.saga.client import engine
from apps.saga.model import Incident
from catalog_services.offering.domain.lifecycle import DRAFT
from catalog_services.offering.domain.publication import (
    CANCELLED,
    CONFIRMED,
    DONE,
    FAILED,
    FAILING,
    OPEN,
    REQUESTED,
    RUNNING,
    UNDO_FAILED,
)
from catalog_services.offering.models import Publication


def publications() -> QuerySet[Publication]:
    """Every publication with its offering, the latest first."""
    return Publication.objects.select_related("offering")


UNRESOLVED = Q(state=UNDO_FAILED) | (
    Q(state=FAILED, offering__lifecycle_status=DRAFT, offering__publication_id=F("pk"))
    & ~Q(failure__code=CANCELLED)
)
"""It failed, nobody wanted that, and nothing has come of it since."""


def publication_state(row: Publication) -> dict[str, Any]:
    """The REST representation; part of the data of its events too."""
    return {
        "id": str(row.pk),
        "version": row.version,
        "offering_id": str(row.offering_id),
        "state": row.state,
        "requested_by": row.requested_by,
        "process_id": row.process_id or None,
        "correlation_id": row.correlation_id,
        "failure": row.failure,
        "steps": row.steps,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "started_at": iso(row.started_at),
        "confirmed_at": iso(row.confirmed_at),
        "ended_at": iso(row.ended_at),
    }


STAYS_AFTER = timedelta(minutes=10)
"""A step has had all its tries before that (``SAGA_ATTEMPTS``), and only the reconciler tries it any more."""


def _stays() -> Q:
    """It waits to begin, is confirmed, or on its way back, and has come no further for long: none of these has a limit
    of its own."""
    return Q(state__in=(REQUESTED, CONFIRMED, FAILING), updated_at__lte=clock.now() - STAYS_AFTER)


def publications_standing() -> QuerySet[Publication]:
    """Those that somebody has to see to: an undo that stands on an incident, and what does not come to its end."""
    return Publication.objects.filter(Q(state=UNDO_FAILED) | _stays())


def publications_open() -> dict[str, int]:
    """How many are in each state that is not the end."""
    return _by_state(Publication.objects.filter(state__in=OPEN))


def publications_standing_by_state() -> dict[str, int]:
    """How many of those that stand are in each such state."""
    return _by_state(publications_standing())


def _by_state(rows: QuerySet[Publication]) -> dict[str, int]:
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    return {state: counts.get(state, 0) for state in OPEN}


def incidents_of(row: Publication) -> list[Incident]:
    """The steps of its process that have had all their tries. Raises ``Unavailable``."""
    return engine().incidents(row.process_id) if row.process_id else []


def publication_flow() -> dict[str, int]:
    """How many are on their way, to success or back, how many stand, and how many ended within the last hour."""
    rows = Publication.objects.order_by("state", "ended_at")
    lately = rows.filter(ended_at__gt=clock.now() - timedelta(hours=1))
    return {
        "running": up_to(rows.filter(~_stays(), state__in=(REQUESTED, RUNNING, CONFIRMED))),
        "failing": up_to(rows.filter(~_stays(), state=FAILING)),
        "done_last_hour": up_to(lately.filter(state=DONE)),
        "failed_last_hour": up_to(lately.filter(state=FAILED)),
        "standing": up_to(publications_standing().order_by("state", "ended_at")),
    }
