"""Scheduling in tests: moments from a fixed day on, and rounds of the periodic work at one of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from apps.core import clock
from catalog_services.offering import tasks
from catalog_services.offering.actions.offering_schedule import offering_schedule
from catalog_services.offering.actions.publication_claim import publication_claim
from catalog_services.offering.actions.publication_confirm import publication_confirm
from catalog_services.offering.models import Offering, Publication, ScheduledChange
from tests.services.offering.conftest import MONA
from tests.services.offering.factories import OfferingFactory, price

NOW = datetime(2030, 5, 1, 9, 0, tzinfo=UTC)


def after(**span: float) -> datetime:
    return NOW + timedelta(**span)


def schedule(offering: Offering, kind: str, at: datetime = NOW + timedelta(hours=1)) -> ScheduledChange:
    """By mona, at ``NOW``."""
    with clock.pinned(NOW):
        return offering_schedule(actor=MONA, id=offering.pk, kind=kind, at=at)


def tick(at: datetime) -> None:
    """One round of the periodic work at this moment."""
    with clock.pinned(at):
        tasks.carry_out_scheduled()


def confirm(offering: Offering) -> None:
    """What the saga does with the publication that runs."""
    publication = Publication.objects.get(offering=offering, state="REQUESTED")
    publication_claim(id=publication.pk, process_id="p")
    publication_confirm(actor=MONA, id=publication.pk, process_id="p")


def fresh[Row: (Offering, ScheduledChange)](row: Row) -> Row:
    row.refresh_from_db()
    return row


def published(offering: Offering) -> Offering:
    Offering.objects.filter(pk=offering.pk).update(lifecycle_status="PUBLISHED")
    return fresh(offering)


def bundle_of(*members: Offering, **fields: Any) -> Offering:
    """All that its publication needs, but that its members are published."""
    return OfferingFactory(
        is_bundle=True,
        bundled_offerings=[{"id": str(member.pk)} for member in members],
        pricing_ids=[price().aggregate_id],
        sales_channels=["web"],
        **fields,
    )
