"""Reading prices.

A price's version, ETag, events, snapshots and digest stand for its own facts. ``locked`` is no such fact: it says
who is busy with the price at this moment. It is shown in REST answers and nowhere else, and taking or
releasing a hold makes no version and no event, so that ten offerings published with one price do not send it
through the store twenty times.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from apps.core.clock import iso
from catalog_services.pricing.domain.money import used_places, written
from catalog_services.pricing.models import Price, PriceHold


def prices() -> QuerySet[Price]:
    """Every price, with what its state needs."""
    return Price.objects.all()


def prices_with_locks() -> QuerySet[Price]:
    """Every price with ``locked``, as one query."""
    return prices().annotate(locked=Exists(PriceHold.objects.filter(price=OuterRef("pk"))))


def holders(price: Price) -> list[UUID]:
    """The publications that hold it now, the longest first."""
    return list(price.holds.values_list("publication_id", flat=True))


def price_state(row: Price) -> dict[str, Any]:
    """The price's own facts: the data of its events, snapshots and digests."""
    return {
        **row.head(),
        "name": row.name,
        "value": written(row.value, row.currency),
        "currency": row.currency,
        "unit": row.unit,
        "price_type": row.price_type,
        "recurring_period": row.recurring_period,
        "recurring_period_length": row.recurring_period_length,
        "unit_of_measure": row.unit_of_measure,
        "tax_rate": None if row.tax_rate is None else f"{row.tax_rate:.{used_places(row.tax_rate)}f}",
        "tax_included": row.tax_included,
        "valid_from": iso(row.valid_from),
        "valid_to": iso(row.valid_to),
    }


def price_representation(row: Price) -> dict[str, Any]:
    """The REST representation: the price's facts, and whether a publication holds it."""
    locked = getattr(row, "locked", None)
    return {**price_state(row), "locked": bool(holders(row)) if locked is None else locked}
