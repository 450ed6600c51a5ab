"""Prices as files: what a preview says is what an import does."""

from __future__ import annotations

import random
from datetime import UTC, datetime
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
from catalog_services.pricing.actions.prices_lock import prices_lock
from catalog_services.pricing.models import Price
from catalog_services.pricing.selectors.price import price_state
from tests.services.pricing.factories import PriceFactory
from tests.support.exchange import (
    ANNA,
    comes_back_unchanged,
    errors,
    exported,
    imported,
    outcomes,
    previewed,
)

pytestmark = pytest.mark.django_db
PRICE = "pricing.price"
ROWS = 300
FEE = {"name": "Fee", "value": "39.90", "currency": "EUR", "unit": "per month"}


def states() -> list[dict]:
    return [price_state(row) for row in Price.objects.order_by("pk")]


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_prices_come_back_unchanged_also_the_locked_ones(format):
    PriceFactory(name="=Fibre, “500”\nplus", external_id="=crm-1")
    PriceFactory(name="Fee \u202egpj.exe\u202c \u2067\u200f", unit="\u202eסיב")
    PriceFactory(name="Roaming", unit="", value=Decimal("0.0125"), price_type="usage", unit_of_measure="MB")
    PriceFactory(
        name="Setup", currency="JPY", value=Decimal(500), unit="", tax_rate=Decimal("7.5"), tax_included=True
    )
    PriceFactory(
        valid_from=datetime(2026, 1, 1, 1, 2, 3, 4, tzinfo=UTC), valid_to=datetime(2027, 1, 1, tzinfo=UTC)
    )
    prices_lock(price_ids=[PriceFactory().pk], publication_id=uuid7())
    comes_back_unchanged(PRICE, format, states)


def test_a_preview_says_what_would_come_of_each_row_and_writes_nothing():
    changed, same = PriceFactory(name="Changed"), PriceFactory(name="Same")
    before, events = states(), OutboxEvent.objects.count()
    job = previewed(
        PRICE,
        [
            FEE,
            {"id": str(changed.pk), "value": "41", "unit": "per month"},
            {"name": "Same", "value": "39.9"},
            {**FEE, "name": "Dear", "value": "39.905", "currency": "EUR"},
        ],
    )
    assert (job.state, outcomes(job)) == (State.PREVIEWED, ["create", "update", "unchanged", "refused"])
    assert errors(job) == [["value", "EUR has at most 2 decimal places."]]
    assert job.rows.get(number=2).changes == [["value", "39.90", "41.00"]]
    assert ["unit", "", "per month"] in job.rows.get(number=1).changes
    assert job.rows.get(number=3).object_id == same.pk
    assert (states(), OutboxEvent.objects.count()) == (before, events)


def test_an_import_is_in_the_history_of_each_row_with_who_and_which():
    row = PriceFactory(name="Changed")
    job = imported(previewed(PRICE, [FEE, {"name": "Changed", "value": "41"}]))
    assert job.state == State.IMPORTED
    for id_, verb in ((Price.objects.get(name="Fee").pk, "Created"), (row.pk, "Updated")):
        newest = history.versions(id_)[0]
        assert (newest.verb, newest.actor, newest.correlation_id) == (verb, "anna", f"import-{job.pk}")


def test_while_a_row_is_refused_nothing_is_imported_unless_the_rest_is_wanted():
    job = previewed(PRICE, [FEE, {**FEE, "name": "Dear", "value": "-1"}])
    with pytest.raises(Conflict, match="1 rows are refused"):
        jobs.confirm(actor=ANNA, id=job.pk)
    assert not Price.objects.exists()
    imported(job, only_fine=True)
    assert [row.name for row in Price.objects.all()] == ["Fee"]


def test_37_bad_rows_of_many_are_named_each_and_all_others_imported_or_none():
    bad = set(random.Random(37).sample(range(1, ROWS + 1), 37))
    value = {True: "1e5", False: "39.90"}
    numbered = range(1, ROWS + 1)
    job = previewed(PRICE, [{**FEE, "name": f"Fee {n}", "value": value[n in bad]} for n in numbered])
    refused = job.rows.filter(outcome="refused")
    assert set(refused.values_list("number", flat=True)) == bad
    assert {column for row in refused for column, _ in row.errors} == {"value"}
    with pytest.raises(Conflict, match="37 rows are refused"):
        jobs.confirm(actor=ANNA, id=job.pk)
    assert not Price.objects.exists()
    imported(job, only_fine=True)
    assert set(Price.objects.values_list("name", flat=True)) == {f"Fee {n}" for n in numbered if n not in bad}


@pytest.mark.parametrize("second", [{"value": Decimal(41)}, {"external_id": "crm-2"}])
def test_what_somebody_changed_after_the_preview_is_not_overwritten(second):
    row = PriceFactory(name="Fibre")
    job = previewed(PRICE, [{"name": "Fibre", "currency": "USD"}, {"name": "Fee", **FEE}])
    price_update(actor=SYSTEM, id=row.pk, fields=second)
    PriceFactory(name="Fee", currency="KWD")
    imported(job)
    assert outcomes(job) == ["refused", "refused"]
    assert {message for _, message in errors(job)} == {
        "Somebody changed it after the preview: look at a new one."
    }
    assert {row.currency for row in Price.objects.all()} == {"EUR", "KWD"}


def test_a_file_that_was_made_from_an_older_version_is_refused():
    row = PriceFactory(name="Fibre")
    price_update(actor=SYSTEM, id=row.pk, fields={"value": Decimal(41)})
    job = previewed(PRICE, [{"name": "Fibre", "version": 1, "value": "42"}])
    assert errors(job) == [["", "It is at version 2 now, and the file was made from version 1."]]


def test_a_locked_price_is_refused_and_the_other_rows_go_on():
    row = PriceFactory(name="Locked")
    prices_lock(price_ids=[row.pk], publication_id=uuid7())
    job = previewed(PRICE, [{"name": "Locked", "value": "41"}, FEE])
    assert outcomes(job) == ["refused", "create"]
    assert "locked by 1 running publication" in errors(job)[0][1]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([FEE, FEE], "Row 1 says the same one."),
        ([{**FEE, "external_id": "a"}, {**FEE, "name": "B", "external_id": "a"}], "Row 1 says the same one."),
        ([{"id": str(uuid7()), **FEE}], "There is no price with this id. For a new one leave it empty."),
        ([{"id": "7", **FEE}], "There is no price with this id. For a new one leave it empty."),
        ([{**FEE, "value": "39,90"}], "39,90 is no decimal number such as 19.99."),
        ([{**FEE, "currency": "XAU"}], '"XAU" is not a valid choice.'),
        ([{**FEE, "name": ""}], "This field is required."),
        ([{"name": "Fee"}], "This field is required."),
        ([{**FEE, "name": "x" * 201}], "Ensure this field has no more than 200 characters."),
        ([{**FEE, "value": ["1"]}], "Must be one value, not a list or an object."),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_the_column_and_why(rows, message):
    job = previewed(PRICE, rows)
    assert outcomes(job)[-1] == "refused"
    assert message in [text for _, text in errors(job)]


@pytest.mark.parametrize("said", ["1e400", "[1, -1e400]", r'"a\u0000b"', r'{"\ud800": 1}'])
def test_what_the_database_cannot_keep_is_said_with_its_row_and_column(said):
    content = b'[{"name": "Fee"}, {"name": "Dear", "value": %s}]' % said.encode()
    job = previewed(PRICE, content)
    why = "holds what the database cannot: a NUL character, or a number out of range."
    assert (job.state, job.note) == (State.FAILED, f"Row 2, value: {why}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name,colour\nFee,red\n", "Unknown column: colour. There are id, version, external_id, name,"),
        (b"value,currency\n1,EUR\n", "No column says which row is meant: id, external_id, or name."),
        (b"name\n", "The file has no rows below the heading."),
        (b'name,value\n"a\x00b",1\n', "Row 2, name: holds what the database cannot"),
        (b"\xff\xfe", "Not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_fails_with_why(content, message):
    job = previewed(PRICE, content, "rows.csv")
    assert job.state == State.FAILED
    assert message in job.note
    assert not job.rows.exists()


def test_what_is_left_empty_asks_for_what_fits_and_what_is_left_out_stays():
    row = PriceFactory(name="Fibre", tax_rate=Decimal(19))
    job = previewed(PRICE, b"name,value,recurring_period_length,price_type\nFibre,39.90,,\n", "a.csv")
    assert outcomes(job) == ["unchanged"]
    metered = b"name,price_type,recurring_period,recurring_period_length,unit,unit_of_measure\nFibre,,,,,GB\n"
    assert (job := previewed(PRICE, metered, "a.csv")).rows.get().outcome == "update", errors(job)
    assert ["price_type", "recurring", "usage"] in job.rows.get().changes
    imported(previewed(PRICE, b"name,tax_rate\nFibre,\n", "a.csv"))
    row.refresh_from_db()
    assert (row.tax_rate, row.recurring_period_length, row.unit) == (None, 1, "per month")


def test_an_export_has_what_the_list_shows_or_what_was_chosen():
    PriceFactory(name="Fibre"), PriceFactory(name="Cable", currency="USD")
    chosen = PriceFactory(name="Radio", currency="USD")

    def names(**of):
        return [line.split(",")[3] for line in exported(PRICE, "csv", **of).decode().splitlines()[1:]]

    assert names(query="currency__exact=USD&q=cab") == ["Cable"]
    assert names(ids=[str(chosen.pk)]) == ["Radio"]
    assert names() == ["Fibre", "Cable", "Radio"]
    with pytest.raises(AssertionError, match="The list has no such filter"):
        exported(PRICE, "csv", query="colour__exact=red")
