"""The undo of an import takes back what nobody touched since, and says what it left."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.core.actor import SYSTEM
from apps.core.errors import Conflict
from apps.core.ids import uuid7
from apps.exchange import jobs
from apps.exchange.models import State
from apps.outbox import history
from apps.outbox.models import OutboxEvent
from catalog_services.pricing.actions.price_update import price_update
from catalog_services.pricing.models import Price
from tests.services.pricing.factories import PriceFactory
from tests.support.exchange import (
    ANNA,
    imported,
    previewed,
    undone,
    worked,
)

pytestmark = pytest.mark.django_db
PRICE = "pricing.price"
FEE = {"name": "Fee", "value": "39.90", "currency": "EUR", "unit": "per month"}


def test_an_undo_takes_back_what_nobody_touched_since_and_says_what_it_left(unused):
    changed, touched = PriceFactory(name="Changed", tax_rate=Decimal(19)), PriceFactory(name="Touched")
    job = imported(
        previewed(
            PRICE,
            [
                FEE,
                {"name": "Changed", "value": "41", "tax_rate": None, "external_id": "crm-1"},
                {"name": "Touched", "value": "42"},
            ],
        )
    )
    price_update(actor=SYSTEM, id=touched.pk, fields={"unit": "each month"})
    job = undone(job)
    assert job.state == State.UNDONE
    assert not Price.objects.filter(name="Fee").exists()
    changed.refresh_from_db()
    assert (changed.value, changed.tax_rate, changed.external_id) == (Decimal("39.90"), Decimal(19), None)
    touched.refresh_from_db()
    assert touched.value == 42
    assert list(job.rows.values_list("is_undone", "undo_note")) == [
        (True, ""),
        (True, ""),
        (False, "Somebody changed it after the import."),
    ]
    assert history.versions(changed.pk)[0].correlation_id == f"undo-{job.pk}"


def test_what_an_import_created_and_somebody_changed_since_is_not_deleted(unused):
    job = imported(previewed(PRICE, [FEE]))
    fee = Price.objects.get(name="Fee")
    price_update(actor=SYSTEM, id=fee.pk, fields={"unit": "each month"})
    job = undone(job)
    assert list(job.rows.values_list("is_undone", "undo_note")) == [
        (False, "Somebody changed it after the import.")
    ]
    assert Price.objects.filter(pk=fee.pk).exists()


def test_an_undo_that_is_asked_for_twice_or_carried_out_twice_is_done_once(unused):
    job = imported(previewed(PRICE, [FEE]))
    jobs.undo(actor=ANNA, id=job.pk)
    jobs.undo(actor=ANNA, id=job.pk)
    worked(job)
    with pytest.raises(Conflict):
        jobs.undo(actor=ANNA, id=job.pk)
    assert [event.type.split(".")[2] for event in OutboxEvent.objects.order_by("id")] == [
        "PriceCreated",
        "PriceDeleted",
    ]


def test_an_undo_waits_for_a_service_that_it_has_to_ask(neighbours):
    job = imported(previewed(PRICE, [FEE]))
    neighbours.down("offering")
    job = undone(job)
    assert job.state == State.UNDOING
    assert job.note == "Waits and tries again: The offering service does not answer."
    neighbours.answers("offering", "/api/v1/offerings", [])
    assert worked(job).state == State.UNDONE
    assert not Price.objects.exists()


def test_a_row_in_use_is_left_by_an_undo_with_who_uses_it(neighbours):
    job = imported(previewed(PRICE, [FEE]))
    neighbours.answers("offering", "/api/v1/offerings", [{"id": str(uuid7()), "name": "Fibre 500"}])
    job = undone(job)
    assert Price.objects.exists()
    assert "Fibre 500" in job.rows.get().undo_note


def test_what_followed_from_a_change_is_shown_before_and_taken_back_with_it(unused):
    row = PriceFactory(name="Setup", unit="")
    assert row.price_type == "one_time"
    job = previewed(PRICE, [{"name": "Setup", "unit": "per month", "price_type": "recurring"}])
    assert job.rows.get().changes == [
        ["unit", "", "per month"],
        ["price_type", "one_time", "recurring"],
        ["recurring_period", "", "month"],
        ["recurring_period_length", None, 1],
    ]
    assert list(undone(imported(job)).rows.values_list("is_undone", "undo_note")) == [(True, "")]
    row.refresh_from_db()
    assert (row.unit, row.price_type) == ("", "one_time")
    assert (row.recurring_period, row.recurring_period_length) == (None, None)


def test_what_would_not_come_back_as_it_was_is_left_by_an_undo_and_said(unused):
    """A price may be created with a label that names another period; the label alone would bring its own along."""
    row = PriceFactory(name="Fee", unit="per year", recurring_period="month", recurring_period_length=1)
    job = imported(previewed(PRICE, [{"name": "Fee", "unit": "Basic fee"}]))
    assert list(undone(job).rows.values_list("is_undone", "undo_note")) == [
        (False, "It would not come back as it was: recurring_period.")
    ]
    row.refresh_from_db()
    assert (row.unit, row.recurring_period, row.version) == ("Basic fee", "month", 2)
