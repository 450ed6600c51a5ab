"""Which row a line of a file means, and what comes of one that something goes wrong with."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import ValidationError
from django.db import DataError, connection

from apps.core.actor import SYSTEM
from apps.core.errors import NotFound, Unavailable, ValidationFailed
from apps.core.ids import uuid7
from apps.exchange import files, jobs, rows, tasks, working
from apps.exchange.models import State
from catalog_services.pricing.actions.price_delete import price_delete
from catalog_services.pricing.actions.price_update import price_update
from catalog_services.pricing.admin import PriceAdmin
from catalog_services.pricing.models import Price
from tests.services.pricing.factories import PriceFactory
from tests.support.exchange import (
    ANNA,
    breaking,
    errors,
    imported,
    outcomes,
    previewed,
    tried_out,
    undone,
    worked,
)

pytestmark = pytest.mark.django_db
PRICE = "pricing.price"
FEE = {"name": "Fee", "value": "39.90", "currency": "EUR", "unit": "per month"}


@pytest.mark.parametrize("named", [{"name": "Another name"}, {}])
def test_a_row_is_found_by_the_other_systems_id_whatever_it_is_called(named):
    row = PriceFactory(name="Fibre", external_id="crm-1")
    job = previewed(PRICE, [{"external_id": "crm-1", "value": "41", **named}])
    assert (outcomes(job), job.rows.get().object_id) == (["update"], row.pk)


def test_one_of_the_same_name_that_the_other_system_calls_otherwise_is_another():
    PriceFactory(name="Fee", external_id="crm-1")
    job = previewed(PRICE, [{**FEE, "external_id": "crm-2"}])
    assert errors(job) == [["name", "Another price has this name already."]]


def test_one_that_has_no_id_of_the_other_system_yet_is_given_it():
    row = PriceFactory(name="Fee")
    imported(previewed(PRICE, [{"name": "Fee", "external_id": "crm-2"}]))
    row.refresh_from_db()
    assert row.external_id == "crm-2"


def test_a_file_that_was_made_from_the_newest_version_is_taken():
    PriceFactory(name="Fibre")
    assert outcomes(previewed(PRICE, [{"name": "Fibre", "version": 1, "value": "42"}])) == ["update"]


def test_a_row_that_is_wrong_by_itself_keeps_that_reason_when_it_is_there_twice():
    job = previewed(PRICE, [FEE, {**FEE, "value": "-1"}, FEE])
    assert errors(job) == [["value", "Must be greater than 0."], ["", "Row 1 says the same one."]]


def test_a_time_beyond_what_utc_has_is_said_of_its_row_and_stops_no_other():
    job = previewed(PRICE, [{**FEE, "valid_to": "9999-12-31T23:59:59-05:00"}, {**FEE, "name": "Other"}])
    assert outcomes(job) == ["refused", "create"]
    assert errors(job) == [["valid_to", "9999-12-31T23:59:59-05:00 is not in the years 1 to 9999 of UTC."]]


@pytest.mark.parametrize(
    ("thrown", "said"),
    [
        (
            DataError("numeric field overflow"),
            [["", "It holds what the database cannot: a NUL character, or"]],
        ),
        (ValueError("odd"), [["", "odd"]]),
        (ValidationError("plain"), [["", "plain"]]),
        (ValidationError({"__all__": ["whole"], "unit": ["bad"]}), [["", "whole"], ["unit", "bad"]]),
    ],
)
def test_what_is_thrown_at_a_row_is_said_at_it_and_the_others_go_on(monkeypatch, thrown, said):
    create = PriceAdmin.create_action

    def throwing(*, actor, fields):
        if fields["name"] == "Wrong":
            raise thrown
        return create(actor=actor, fields=fields)

    monkeypatch.setattr(PriceAdmin, "create_action", staticmethod(throwing))
    job = previewed(PRICE, [{**FEE, "name": "Wrong"}, FEE])
    assert outcomes(job) == ["refused", "create"]
    found = errors(job)
    assert [column for column, _ in found] == [column for column, _ in said]
    assert all(text.startswith(wanted) for (_, text), (_, wanted) in zip(found, said, strict=True))


def test_a_row_that_has_to_wait_for_a_part_is_not_refused(monkeypatch):
    create = PriceAdmin.create_action

    def away(*, actor, fields):
        raise Unavailable("Nobody is there.")

    monkeypatch.setattr(PriceAdmin, "create_action", staticmethod(away))
    job = previewed(PRICE, [FEE])
    assert (job.state, job.attempts, outcomes(job)) == (State.PREVIEWING, 0, [""])
    assert job.note == "Waits and tries again: Nobody is there."
    monkeypatch.setattr(PriceAdmin, "create_action", staticmethod(create))
    assert outcomes(worked(job)) == ["create"]


@pytest.mark.parametrize("step", ["preview", "carry_out"])
def test_a_database_that_takes_no_writes_for_a_while_is_waited_for(monkeypatch, step):
    """A failover, or a disk that is full: PostgreSQL calls it an internal error."""
    work = getattr(rows, step)

    def read_only(*of):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")  # until this batch's savepoint is rolled back
        work(*of)

    job = jobs.start_import(
        actor=ANNA, model=PRICE, file_name="rows.json", pieces=[json.dumps([FEE]).encode()]
    )
    if step == "carry_out":
        job = jobs.confirm(actor=ANNA, id=worked(job).pk)
    with monkeypatch.context() as failover:
        failover.setattr(rows, step, read_only)
        job = tried_out(job)
    assert (job.attempts, outcomes(job)) == (0, ["" if step == "preview" else "create"])
    assert job.note.startswith("Waits and tries again: cannot execute")
    assert outcomes(worked(job)) == ["create"]
    assert job.state == (State.PREVIEWED if step == "preview" else State.IMPORTED)


def test_a_slice_whose_time_is_over_is_gone_on_with(monkeypatch):
    job = previewed(PRICE, [FEE])
    jobs.confirm(actor=ANNA, id=job.pk)
    carry_out = rows.carry_out

    def slow(*_):
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(rows, "carry_out", slow)
    assert working.work_on(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.attempts, job.note) == (State.IMPORTING, 1, "There was no time left.")
    monkeypatch.setattr(rows, "carry_out", carry_out)
    assert worked(job).state == State.IMPORTED


def test_an_import_that_ends_half_way_stays_there_and_can_be_undone(monkeypatch, unused):
    job = previewed(PRICE, [{**FEE, "name": f"Fee {n}"} for n in range(25)])
    jobs.confirm(actor=ANNA, id=job.pk)
    breaking(monkeypatch, "carry_out", at=22)
    tried_out(job)
    assert (job.state, job.note) == (State.IMPORTED, "It broke off 5 times. RuntimeError: a bug")
    assert Price.objects.count() == 20
    assert undone(job).state == State.UNDONE
    assert not Price.objects.exists()


def test_an_undo_that_breaks_off_again_and_again_says_so_and_can_be_gone_on_with(monkeypatch, unused):
    touched = PriceFactory(name="Touched")
    job = imported(previewed(PRICE, [FEE, {**FEE, "name": "Other"}, {"name": "Touched", "value": "42"}]))
    price_update(actor=SYSTEM, id=touched.pk, fields={"unit": "each month"})
    jobs.undo(actor=ANNA, id=job.pk)
    with monkeypatch.context() as broken:
        breaking(broken, "take_back", at=1)
        tried_out(job)
    assert (job.state, job.note) == (State.IMPORTED, "It broke off 5 times. RuntimeError: a bug")
    left = "Somebody changed it after the import."
    undo_of = job.rows.values_list("is_undone", "undo_note")
    assert list(undo_of) == [(None, ""), (True, ""), (False, left)]
    job = undone(job)
    assert (job.state, list(undo_of.all())) == (State.UNDONE, [(True, ""), (True, ""), (False, left)])


def test_half_an_export_is_no_file(monkeypatch):
    PriceFactory.create_batch(3)
    monkeypatch.setattr(files, "PIECE", 10)
    job = jobs.start_export(actor=ANNA, model=PRICE, name="rows", format="csv")
    content = files.store

    def full(held, pieces):
        content(held, pieces)
        raise RuntimeError("no space left")

    monkeypatch.setattr(files, "store", full)
    assert tried_out(job).state == State.FAILED
    assert not job.parts.exists()


def test_what_was_deleted_after_the_import_is_said_to_be_so_by_its_undo(unused):
    changed = PriceFactory(name="Changed")
    job = imported(previewed(PRICE, [FEE, {"name": "Changed", "value": "41"}]))
    for id_ in (changed.pk, Price.objects.get(name="Fee").pk):
        price_delete(actor=SYSTEM, id=id_)
    assert {row.undo_note for row in undone(job).rows.all()} == {"Somebody deleted it after the import."}


def test_a_number_is_set_back_as_it_was(unused):
    row = PriceFactory(
        name="Usage", value=Decimal("0.0125"), price_type="usage", unit_of_measure="MB", unit=""
    )
    undone(imported(previewed(PRICE, [{"name": "Usage", "value": "0.02"}])))
    row.refresh_from_db()
    assert row.value == Decimal("0.0125")


def test_what_there_is_no_format_or_no_job_for_is_refused():
    with pytest.raises(ValidationFailed, match="Choose CSV, XLSX or JSON"):
        jobs.start_export(actor=ANNA, model=PRICE, name="rows", format="pdf")
    for act in (jobs.confirm, jobs.undo, jobs.stop):
        with pytest.raises(NotFound):
            act(actor=ANNA, id=uuid7())


def test_only_a_job_with_work_left_is_sent(monkeypatch, django_capture_on_commit_callbacks):
    sent = []
    monkeypatch.setattr(jobs, "send", sent.append)
    job = previewed(PRICE, [FEE])
    with django_capture_on_commit_callbacks(execute=True):
        jobs.confirm(actor=ANNA, id=job.pk)
    assert sent == [job.pk]
    with django_capture_on_commit_callbacks(execute=True):
        jobs.stop(actor=ANNA, id=job.pk)
    assert sent == [job.pk]


@pytest.mark.parametrize("more", [True, False])
def test_a_slice_asks_for_the_next_while_there_is_more(monkeypatch, more):
    sent = []
    monkeypatch.setattr(working, "work_on", lambda _: more)
    monkeypatch.setattr(tasks, "send", sent.append)
    id_ = uuid7()
    tasks.work(job_id=str(id_))
    assert sent == [id_] * more


def test_a_broker_that_is_away_loses_no_job(monkeypatch, settings):
    from catalog_services.pricing.celery import app

    def away(*_, **__):
        raise ConnectionRefusedError

    monkeypatch.setattr(app, "send_task", away)
    tasks.send(uuid7())
