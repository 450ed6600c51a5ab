"""Working on a job: one worker at a time, in slices, each batch of rows one transaction with the job's position."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import F, QuerySet

from apps.core import clock, correlation
from apps.core.errors import SuiteError
from apps.core.messages import Message
from apps.core.outages import passes
from apps.core.turns import turn
from apps.exchange import rows
from apps.exchange.exporting import write
from apps.exchange.jobs import imported, to_import, to_undo
from apps.exchange.models import AT_WORK, Job, JobRow, State
from apps.exchange.reading import read
from apps.exchange.resource import ActionResource
from apps.exchange.screens import resource_of

log = structlog.get_logger(__name__)
SLICE_SECONDS = 2.0
BATCH = 20
MOST_ATTEMPTS = 5
"""Slices in a row that may break off before a job counts as failed."""

type Handle = Callable[[ActionResource, Job, JobRow], None]


def work_on(job_id: UUID) -> bool:
    """One slice of a job; whether there is more to do. What cannot be done now is left to the sweeper."""
    with turn(turn_of(job_id)) as mine:
        job = Job.objects.filter(pk=job_id, state__in=AT_WORK).first() if mine else None
        if job is None:
            return False
        if job.attempts >= MOST_ATTEMPTS:
            _fail(
                job, Message("It broke off {count} times. {note}", count=job.attempts, note=job.note).strip()
            )
            return False
        Job.objects.filter(pk=job_id).update(attempts=F("attempts") + 1, touched_at=clock.now())
        with (
            correlation.bound(correlation_id(job)),
            structlog.contextvars.bound_contextvars(correlation_id=correlation_id(job), job=str(job_id)),
        ):
            return _slice(job)


def correlation_id(job: Job) -> str:
    """What history, events and logs say of where a change came from."""
    return f"{'undo' if job.state == State.UNDOING else job.kind}-{job.pk}"


def _slice(job: Job) -> bool:
    try:
        _STEPS[State(job.state)](job)
    except SoftTimeLimitExceeded:
        _note(job, Message("There was no time left."))
        return False
    except Exception as error:
        _break_off(job, error)
        return False
    return Job.objects.filter(pk=job.pk, state__in=AT_WORK).exists()


def _preview(job: Job) -> None:
    waiting = JobRow.objects.filter(job=job)
    _row_by_row(job, waiting, rows.preview, State.PREVIEWED)


def _import(job: Job) -> None:
    _row_by_row(job, to_import(job), rows.carry_out, State.IMPORTED, batch=resource_of(job).batch)


def _undo(job: Job) -> None:
    """From the last row to the first: what came later may stand on what came before."""
    _row_by_row(job, to_undo(job), rows.take_back, State.UNDONE, batch=1, backwards=True)


def _row_by_row(
    job: Job,
    waiting: QuerySet[JobRow],
    handle: Handle,
    after: State,
    *,
    batch: int = BATCH,
    backwards: bool = False,
) -> None:
    """A slice of a step: the rows beyond the job's position, batch by batch, until the time is over or none is left."""
    resource = resource_of(job)
    until = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < until:
        with transaction.atomic():
            held = Job.objects.select_for_update().get(pk=job.pk)
            if held.state != job.state:
                return  # somebody stopped it
            beyond = {"number__lt" if backwards else "number__gt": held.position}
            some = waiting.filter(**beyond).order_by("-number" if backwards else "number")[:batch]
            count = 0
            for count, row in enumerate(some, start=1):  # noqa: B007 (how many there were)
                handle(resource, held, row)
                held.position = row.number
            if count:
                held.done, held.attempts, held.note = held.done + count, 0, ""
                held.touched_at = clock.now()
            else:
                held.enter(after)
            held.save()
        if not count:
            return


_STEPS: dict[State, Callable[[Job], None]] = {
    State.READING: read,
    State.PREVIEWING: _preview,
    State.IMPORTING: _import,
    State.UNDOING: _undo,
    State.EXPORTING: write,
}


def _break_off(job: Job, error: Exception) -> None:
    """A part that is down counts for nothing; of what is refused for good the job has failed."""
    if passes(error):
        note = Message("Waits and tries again: {why}", why=error).strip()
        Job.objects.filter(pk=job.pk).update(attempts=0, note=note, touched_at=clock.now())
    elif isinstance(error, SuiteError):
        _fail(job, error.detail)
    else:
        log.exception("a job broke off")
        _note(job, f"{type(error).__name__}: {error}")


def _note(job: Job, note: str) -> None:
    Job.objects.filter(pk=job.pk).update(note=note, touched_at=clock.now())


def _fail(job: Job, reason: str) -> None:
    """What an import has done before stays and can be undone, and so does what an undo has left to do."""
    with transaction.atomic():
        held = Job.objects.select_for_update().get(pk=job.pk)
        if held.state != job.state:
            return
        if held.state == State.EXPORTING:
            held.parts.all().delete()  # half a file is none
        may_be_undone = held.state in {State.IMPORTING, State.UNDOING} and imported(held).exists()
        held.enter(State.IMPORTED if may_be_undone else State.FAILED)
        held.note = reason
        held.save()


def turn_of(job_id: UUID) -> str:
    """What whoever works on a job is at: one that was sent twice is not worked on twice."""
    return f"exchange {job_id}"
