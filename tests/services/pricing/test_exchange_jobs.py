"""The jobs that bring prices as files: done once, by one worker at a time, stopped when asked, and never lost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from apps.core import clock
from apps.core.errors import Conflict
from apps.core.turns import key_of
from apps.exchange import files, jobs, rows, sweeping, working
from apps.exchange.models import Job, State
from apps.outbox import retention
from apps.outbox.models import OutboxEvent
from catalog_services.pricing.celery import app
from catalog_services.pricing.models import Price
from tests.services.pricing.factories import PriceFactory
from tests.support.exchange import (
    ANNA,
    breaking,
    previewed,
    tried_out,
    worked,
)
from tests.support.waiting import eventually

pytestmark = pytest.mark.django_db
PRICE = "pricing.price"
FEE = {"name": "Fee", "value": "39.90", "currency": "EUR", "unit": "per month"}


def test_an_import_is_done_once_however_often_it_is_confirmed_and_carried_out():
    job = previewed(PRICE, [FEE])
    jobs.confirm(actor=ANNA, id=job.pk)
    jobs.confirm(actor=ANNA, id=job.pk)
    worked(job)
    working.work_on(job.pk)
    with pytest.raises(Conflict, match="Not now"):
        jobs.confirm(actor=ANNA, id=job.pk)
    assert [event.type for event in OutboxEvent.objects.all()] == ["catalog.pricing.PriceCreated.v1"]


@pytest.mark.django_db(transaction=True)
def test_a_click_waits_for_whoever_changes_the_job_and_sees_what_came_of_it():
    job = previewed(PRICE, [FEE])

    def confirm() -> str:
        try:
            return jobs.confirm(actor=ANNA, id=job.pk).state
        except Conflict as error:
            return str(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as somebody, transaction.atomic():
        held = Job.objects.select_for_update().get(pk=job.pk)
        clicked = somebody.submit(confirm)
        eventually(_somebody_waits, why="nobody waits for the lock")
        held.enter(State.DISCARDED)
        held.save()
    assert clicked.result() == "Not now: Discarded."
    job.refresh_from_db()
    assert job.state == State.DISCARDED


def _somebody_waits() -> bool:
    """For this connection's transaction to end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"
        )
        return bool(cursor.fetchone()[0])


def test_a_file_that_was_being_read_when_its_import_was_stopped_becomes_nothing(monkeypatch):
    job = jobs.start_import(actor=ANNA, model=PRICE, file_name="a.json", pieces=[json.dumps([FEE]).encode()])
    content = files.content

    def stopped_meanwhile(held: Job) -> bytes:
        jobs.stop(actor=ANNA, id=job.pk)
        return content(held)

    monkeypatch.setattr(files, "content", stopped_meanwhile)
    assert working.work_on(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.rows.count()) == (State.DISCARDED, 0)


def test_a_worker_that_dies_half_way_loses_nothing_and_does_nothing_twice(monkeypatch):
    job = previewed(PRICE, [{**FEE, "name": f"Fee {n:03}"} for n in range(50)])
    jobs.confirm(actor=ANNA, id=job.pk)
    carry_out = rows.carry_out

    def dies(resource, held, row):
        if row.number == 31:
            raise RuntimeError("killed")
        carry_out(resource, held, row)

    monkeypatch.setattr(working, "SLICE_SECONDS", 600.0)  # row 31 is in the first slice
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
    breaking(monkeypatch, "carry_out")
    tried_out(job)
    assert (job.state, job.note) == (State.FAILED, "It broke off 5 times. RuntimeError: a bug")


def test_an_export_that_breaks_off_half_way_each_time_ends_too(monkeypatch):
    PriceFactory.create_batch(3)
    job = jobs.start_export(actor=ANNA, model=PRICE, name="rows", format="csv")

    def breaks_off(rows, _):
        yield (next(rows),)
        raise RuntimeError("a bug")

    monkeypatch.setattr("apps.exchange.exporting.batched", breaks_off)
    tried_out(job)
    assert (job.state, job.note) == (State.FAILED, "It broke off 5 times. RuntimeError: a bug")
    assert not job.parts.exists()


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


def test_a_job_that_lost_its_worker_is_sent_again_and_not_once_more_each_round(monkeypatch):
    quiet = jobs.start_import(actor=ANNA, model=PRICE, file_name="a.json", pieces=[b"[]"])
    jobs.start_import(actor=ANNA, model=PRICE, file_name="b.json", pieces=[b"[]"])
    Job.objects.filter(pk=quiet.pk).update(touched_at=clock.now() - 2 * sweeping.QUIET)
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, **of: sent.append((of["kwargs"], of.get("expires"))))
    for _ in range(3):
        sweeping.send_again()
    assert sent == [({"job_id": str(quiet.pk)}, sweeping.EXPIRES.total_seconds())]


def test_files_are_forgotten_so_long_after_they_ended_and_what_is_at_work_is_not(settings):
    ended, lately, going = (
        jobs.start_import(actor=ANNA, model=PRICE, file_name=f"{name}.json", pieces=[b"[]"]) for name in "abc"
    )
    worked(ended), worked(lately)
    old = clock.now() - timedelta(days=settings.EXCHANGE_KEEP_DAYS + 1)
    Job.objects.update(created_at=old)
    Job.objects.filter(pk=ended.pk).update(ended_at=old)
    retention.forget_old()
    assert set(Job.objects.all()) == {lately, going}


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
