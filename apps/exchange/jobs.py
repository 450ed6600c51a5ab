"""What a person does with imports and exports: start, confirm, undo, stop. Done once, however often it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import get_valid_filename

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Conflict, NotFound, ValidationFailed
from apps.core.messages import Message
from apps.exchange import files
from apps.exchange.formats import FORMATS, format_of
from apps.exchange.models import Job, JobRow, Outcome, State
from apps.exchange.tasks import send

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet


@transaction.atomic
def start_import(*, actor: Actor, model: str, file_name: str, pieces: Iterable[bytes]) -> Job:
    """Keep the file; its preview is made in the background. Raises ``ValidationFailed`` for no file of ours."""
    job = Job(
        kind=Job.Kind.IMPORT,
        model=model,
        format=format_of(file_name),
        file_name=get_valid_filename(file_name)[-200:],
        created_by=actor.username,
    )
    job.ordered_by(actor)
    job.enter(State.READING)
    job.save()
    job.size = files.store(job, pieces)
    if not job.size:
        raise _refused("file", Message("The file is empty."))
    job.save()
    _send_after_commit(job)
    return job


@transaction.atomic
def start_export(
    *, actor: Actor, model: str, name: str, format: str, query: str = "", ids: Sequence[str] | None = None
) -> Job:
    """Write the rows that a list shows with ``query``, or the chosen ``ids``, in the background."""
    if format not in FORMATS:
        raise _refused("format", Message("Choose CSV, XLSX or JSON."))
    job = Job(
        kind=Job.Kind.EXPORT,
        model=model,
        format=format,
        file_name=f"{get_valid_filename(name)}-{clock.now():%Y-%m-%d}.{format}",
        query=query,
        ids=None if ids is None else list(ids),
        created_by=actor.username,
    )
    job.ordered_by(actor)
    job.enter(State.EXPORTING)
    job.save()
    _send_after_commit(job)
    return job


def confirm(*, actor: Actor, id: UUID, only_fine: bool = False) -> Job:
    """Import what the preview showed. Raises ``Conflict`` while it has refused rows, unless ``only_fine`` is wanted."""

    def begin(job: Job) -> None:
        rows = JobRow.objects.filter(job=job)
        if not only_fine and (refused := rows.filter(outcome=Outcome.REFUSED).count()):
            raise Conflict(
                Message(
                    "{count} rows are refused: correct the file, or choose to import the rows that are fine.",
                    count=refused,
                )
            )
        job.enter(State.IMPORTING, total=to_import(job).count())

    return _move(id, {State.PREVIEWED}, actor, begin, done=State.IMPORTING)


def undo(*, actor: Actor, id: UUID) -> Job:
    """Take back what an import did, where nobody changed it since; what an undo before broke off at is gone on with."""

    def begin(job: Job) -> None:
        if not imported(job).exists():
            raise Conflict(Message("Nothing was imported."))
        rows = to_undo(job)
        last = rows.order_by("-number").first()
        job.enter(State.UNDOING, total=rows.count(), position=last.number + 1 if last else 0)

    return _move(id, {State.IMPORTED}, actor, begin, done=State.UNDOING)


def stop(*, actor: Actor, id: UUID) -> Job:
    """End what is going on: an import stays where it is and can be undone; anything else is discarded."""

    def end(job: Job) -> None:
        was_importing = job.state == State.IMPORTING
        done, total = job.done, job.total
        job.enter(State.IMPORTED if was_importing else State.DISCARDED)
        who = actor.username
        job.note = (
            Message("Stopped by {who} after {done} of {total} rows.", who=who, done=done, total=total)
            if was_importing
            else Message("Stopped by {who}.", who=who)
        )

    stoppable = {State.READING, State.PREVIEWING, State.PREVIEWED, State.IMPORTING, State.EXPORTING}
    return _move(id, stoppable, actor, end, done=State.DISCARDED)


def to_import(job: Job) -> QuerySet[JobRow]:
    return JobRow.objects.filter(
        job=job, outcome__in=[Outcome.CREATE, Outcome.UPDATE], version_after__isnull=True
    )


def imported(job: Job) -> QuerySet[JobRow]:
    return JobRow.objects.filter(job=job, version_after__isnull=False)


def to_undo(job: Job) -> QuerySet[JobRow]:
    """Without those that an undo that broke off has been at."""
    return imported(job).filter(is_undone__isnull=True)


@transaction.atomic
def _move(id_: UUID, allowed: set[State], actor: Actor, act: Callable[[Job], None], *, done: State) -> Job:
    """Under the job's lock. What is ``done`` already, by another click, stays as it is.

    Raises ``NotFound``, and ``Conflict`` when the job's state does not allow it.
    """
    job = Job.objects.select_for_update().filter(pk=id_).first()
    if job is None:
        raise NotFound(Message("There is no such import or export."))
    if job.state == done:
        return job
    if job.state not in allowed:
        raise Conflict(Message("Not now: {state}.", state=State(job.state).label))
    act(job)
    job.ordered_by(actor)
    job.save()
    if job.is_at_work:
        _send_after_commit(job)
    return job


def _refused(field: str, message: Message) -> ValidationFailed:
    return ValidationFailed(message, errors={field: [message]})


def _send_after_commit(job: Job) -> None:
    transaction.on_commit(partial(send, job.pk))
