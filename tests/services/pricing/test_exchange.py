"""Prices as files: what a preview says is what an import does, and an undo takes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from apps.core import clock
from apps.core.actor import SYSTEM
from apps.core.errors import Conflict, ValidationFailed
from apps.core.ids import uuid7
from apps.core.turns import key_of
from apps.exchange import jobs, rows, sweeping, tasks, working
from apps.exchange.models import Job, State
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
    undone,
    worked,
)

pytestmark = pytest.mark.django_db
PRICE = "pricing.price"
URL = "/admin/pricing/pricing/price"
JOB = "/admin/pricing/exchange/job"
FEE = {"name": "Fee", "value": "39.90", "currency": "EUR", "unit": "per month"}


def states() -> list[dict]:
    return [price_state(row) for row in Price.objects.order_by("pk")]


@pytest.fixture
def unused(neighbours):
    """No offering uses any price: an undo may delete."""
    neighbours.answers("offering", "/api/v1/offerings", [])


@pytest.mark.parametrize("format", ["csv", "xlsx", "json"])
def test_prices_come_back_unchanged_also_the_locked_ones(format):
    PriceFactory(name="=Fibre, “500”\nplus", external_id="=crm-1")
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


def test_the_history_links_to_the_import(browser):
    job = imported(previewed(PRICE, [FEE]))
    page = browser("viewer").get(f"{URL}/{Price.objects.get().pk}/history/").content.decode()
    assert f"{JOB}/{job.pk}/change/" in page


def test_while_a_row_is_refused_nothing_is_imported_unless_the_rest_is_wanted():
    job = previewed(PRICE, [FEE, {**FEE, "name": "Dear", "value": "-1"}])
    with pytest.raises(Conflict, match="1 rows are refused"):
        jobs.confirm(actor=ANNA, id=job.pk)
    assert not Price.objects.exists()
    imported(job, only_fine=True)
    assert [row.name for row in Price.objects.all()] == ["Fee"]


def test_an_import_is_done_once_however_often_it_is_confirmed_and_carried_out():
    job = previewed(PRICE, [FEE])
    jobs.confirm(actor=ANNA, id=job.pk)
    jobs.confirm(actor=ANNA, id=job.pk)
    worked(job)
    working.work_on(job.pk)
    with pytest.raises(Conflict, match="Not now"):
        jobs.confirm(actor=ANNA, id=job.pk)
    assert [event.type for event in OutboxEvent.objects.all()] == ["catalog.pricing.PriceCreated.v1"]


def test_a_worker_that_dies_half_way_loses_nothing_and_does_nothing_twice(monkeypatch):
    job = previewed(PRICE, [{**FEE, "name": f"Fee {n:03}"} for n in range(50)])
    jobs.confirm(actor=ANNA, id=job.pk)
    carry_out = rows.carry_out

    def dies(resource, held, row):
        if row.number == 31:
            raise RuntimeError("killed")
        carry_out(resource, held, row)

    monkeypatch.setattr(rows, "carry_out", dies)
    assert working.work_on(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.position, job.done) == (State.IMPORTING, 20, 20)
    assert Price.objects.count() == OutboxEvent.objects.count() == 20
    monkeypatch.setattr(rows, "carry_out", carry_out)
    assert worked(job).state == State.IMPORTED
    assert Price.objects.count() == OutboxEvent.objects.count() == 50


def test_a_job_that_breaks_off_again_and_again_ends_and_says_why(monkeypatch):
    job = previewed(PRICE, [FEE])
    jobs.confirm(actor=ANNA, id=job.pk)

    def dies(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(rows, "carry_out", dies)
    for _ in range(working.MOST_ATTEMPTS + 1):
        working.work_on(job.pk)
    job.refresh_from_db()
    assert (job.state, job.note) == (State.FAILED, "It broke off 5 times. RuntimeError: a bug")


def test_two_workers_never_work_on_one_job():
    job = jobs.start_import(actor=ANNA, model=PRICE, file_name="a.json", pieces=[b"[]"])
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [key_of(working.turn_of(job.pk))])
        assert working.work_on(job.pk) is False
        job.refresh_from_db()
        assert (job.state, job.attempts) == (State.READING, 0)
    finally:
        other.close()


def test_a_job_that_lost_its_worker_is_sent_again(monkeypatch):
    quiet = jobs.start_import(actor=ANNA, model=PRICE, file_name="a.json", pieces=[b"[]"])
    jobs.start_import(actor=ANNA, model=PRICE, file_name="b.json", pieces=[b"[]"])
    Job.objects.filter(pk=quiet.pk).update(touched_at=clock.now() - 2 * sweeping.QUIET)
    sent = []
    monkeypatch.setattr(tasks, "send", sent.append)
    sweeping.send_again()
    assert sent == [quiet.pk]


def test_old_files_are_forgotten_and_what_is_at_work_is_not(settings):
    done, going = (
        jobs.start_import(actor=ANNA, model=PRICE, file_name="a.json", pieces=[b"[]"]) for _ in range(2)
    )
    worked(done)
    Job.objects.update(created_at=clock.now() - timedelta(days=settings.EXCHANGE_KEEP_DAYS + 1))
    sweeping.forget_old()
    assert list(Job.objects.all()) == [going]


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
    row, publication = PriceFactory(name="Locked"), uuid7()
    prices_lock(price_ids=[row.pk], publication_id=publication)
    job = previewed(PRICE, [{"name": "Locked", "value": "41"}, FEE])
    assert outcomes(job) == ["refused", "create"]
    assert str(publication) in errors(job)[0][1]


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


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name,colour\nFee,red\n", "Unknown column: colour. There are id, version, external_id, name,"),
        (b"value,currency\n1,EUR\n", "No column says which row is meant: id, external_id, or name."),
        (b"name\n", "The file has no rows below the heading."),
        (b'name,value\n"a\x00b",1\n', "The file has characters that no text has, such as NUL."),
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
    imported(previewed(PRICE, b"name,tax_rate\nFibre,\n", "a.csv"))
    row.refresh_from_db()
    assert (row.tax_rate, row.recurring_period_length, row.unit) == (None, 1, "per month")


def test_the_refused_rows_are_downloaded_corrected_and_imported(browser):
    job = previewed(PRICE, b"name,value,currency\nFee,-1,EUR\nFine,1,EUR\n", "a.csv")
    content = b"".join(browser("manager").get(f"{JOB}/{job.pk}/errors/")).decode("utf-8-sig")
    assert content == "row,errors,name,value,currency\r\n2,value: Must be greater than 0.,Fee,'-1,EUR\r\n"
    again = previewed(PRICE, content.replace("'-1", "1").encode(), "errors.csv")
    assert outcomes(again) == ["create"]


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


def test_an_export_that_was_stopped_leaves_no_file(monkeypatch):
    PriceFactory()
    job = jobs.start_export(actor=ANNA, model=PRICE, name="rows", format="csv")
    monkeypatch.setattr(
        "apps.exchange.exporting.batched", lambda rows, _: [jobs.stop(actor=ANNA, id=job.pk) and tuple(rows)]
    )
    assert worked(job).state == State.DISCARDED
    assert not job.parts.exists()


def test_an_import_that_is_stopped_stays_where_it_is_and_can_be_undone(unused):
    job = previewed(PRICE, [FEE])
    jobs.confirm(actor=ANNA, id=job.pk)
    stopped = jobs.stop(actor=ANNA, id=job.pk)
    assert (stopped.state, stopped.note) == (State.IMPORTED, "Stopped by anna after 0 of 1 rows.")
    assert working.work_on(job.pk) is False
    with pytest.raises(Conflict, match="Nothing was imported"):
        jobs.undo(actor=ANNA, id=job.pk)


def test_a_worker_that_is_at_it_notices_that_it_was_stopped():
    job = previewed(PRICE, [FEE])
    at_work = jobs.confirm(actor=ANNA, id=job.pk)
    jobs.stop(actor=ANNA, id=job.pk)
    working._slice(at_work)
    assert not Price.objects.exists()
    assert Job.objects.get().state == State.IMPORTED


def test_each_list_leads_to_its_imports_and_exports(browser):
    page = browser("viewer")
    previewed(PRICE, [FEE])
    assert page.get(f"{URL}/jobs/").url == f"{JOB}/?model={PRICE}"
    assert "rows.json" in page.get(f"{JOB}/?model={PRICE}").content.decode()


def test_a_file_over_the_limit_or_of_another_kind_is_refused_at_once(browser, settings):
    page = browser("manager")
    settings.EXCHANGE_MAX_BYTES = 10
    large = page.post(f"{URL}/import/", {"file": SimpleUploadedFile("a.csv", b"x" * 11)})
    assert "MiB at most: split it." in large.content.decode()
    other = page.post(f"{URL}/import/", {"file": SimpleUploadedFile("a.pdf", b"x")})
    assert "The name must end in .csv, .xlsx or .json." in other.content.decode()
    assert not Job.objects.exists()
    with pytest.raises(ValidationFailed, match="The file is empty"):
        jobs.start_import(actor=ANNA, model=PRICE, file_name="a.csv", pieces=[])


def test_from_the_form_to_the_undo_as_a_browser_goes(browser, unused):
    page = browser("manager")
    content = b"name,value,currency,unit\nFee,39.90,EUR,per month\nDear,-1,EUR,\n"
    assert "One row" not in page.get(f"{URL}/import/").content.decode()
    sent = page.post(f"{URL}/import/", {"file": SimpleUploadedFile("prices.csv", content)})
    job = Job.objects.get()
    assert sent.url == f"{JOB}/{job.pk}/change/"
    panel = f"{JOB}/{job.pk}/panel/?state=reading"
    assert page.get(panel).status_code == 200
    worked(job)
    assert page.get(panel)["HX-Refresh"] == "true"
    shown = page.get(sent.url).content.decode()
    assert "Must be greater than 0." in shown
    assert (
        page.post(f"{JOB}/{job.pk}/do/", {"do": "import"}, follow=True)
        .content.decode()
        .count("1 rows are refused")
    )
    page.post(f"{JOB}/{job.pk}/do/", {"do": "import", "only_fine": "on"})
    worked(job)
    assert "Undo the import" in page.get(sent.url).content.decode()
    page.post(f"{JOB}/{job.pk}/do/", {"do": "undo"})
    assert worked(job).state == State.UNDONE
    assert page.get(f"{JOB}/{job.pk}/panel/?state=undone").status_code == 286
    assert page.get(f"{JOB}/").status_code == 200
    assert page.get(f"{JOB}/7/change/").status_code == 404
    assert not Price.objects.exists()


def test_a_viewer_exports_and_imports_nothing(browser):
    PriceFactory()
    job = previewed(PRICE, [FEE])
    page = browser("viewer")
    listed = page.get(f"{URL}/?currency__exact=EUR").content.decode()
    assert f"{URL}/export/?currency__exact=EUR" in listed
    assert f"{URL}/import/" not in listed
    assert page.get(f"{URL}/import/").status_code == 403
    assert page.post(f"{URL}/import/", {"file": SimpleUploadedFile("a.csv", b"x")}).status_code == 403
    for verb in ("import", "undo", "stop", "delete"):
        assert page.post(f"{JOB}/{job.pk}/do/", {"do": verb}).status_code == 403
    assert "Import</button>" not in page.get(f"{JOB}/{job.pk}/change/").content.decode()
    sent = page.post(f"{URL}/export/?currency__exact=EUR", {"format": "csv"})
    export = Job.objects.get(kind="export")
    assert sent.url == f"{JOB}/{export.pk}/change/"
    assert page.get(f"{JOB}/{export.pk}/file/").status_code == 404
    worked(export)
    answer = page.get(f"{JOB}/{export.pk}/file/")
    assert b"".join(answer).startswith(b"\xef\xbb\xbfid,version,external_id,name")
    assert answer["Content-Disposition"].startswith('attachment; filename="prices-')


def test_the_chosen_rows_of_a_list_are_exported(browser):
    row, page = PriceFactory(), browser("viewer")
    chosen = {"action": "export_chosen", "_selected_action": [str(row.pk)]}
    assert page.post(f"{URL}/", chosen).url == f"export/?chosen={row.pk}"
    across = page.post(f"{URL}/?q=fibre", {**chosen, "select_across": "1"})
    assert across.url == "export/?q=fibre"
    assert "1 row will be exported" in page.get(f"{URL}/export/?chosen={row.pk}").content.decode()


def test_an_empty_file_with_all_columns_can_be_had(browser):
    answer = b"".join(browser("manager").get(f"{URL}/import/?template"))
    assert answer.decode("utf-8-sig").startswith("id,version,external_id,name,value,currency")
