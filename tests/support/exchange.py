"""Imports and exports as a person starts them and a worker carries them out, without the worker."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from apps.core.actor import MANAGER, Actor
from apps.core.ids import uuid7
from apps.exchange import files, jobs, rows
from apps.exchange.models import Job, JobRow, State
from apps.exchange.working import MOST_ATTEMPTS, work_on

ANNA = Actor(uuid7(), "anna", frozenset({MANAGER}))


def worked(job: Job) -> Job:
    """The job when there is no more to do."""
    while work_on(job.pk):
        pass
    job.refresh_from_db()
    return job


def previewed(model: str, content: bytes | Sequence[Mapping[str, Any]], name: str = "rows.json") -> Job:
    """The preview of a file, or of rows as JSON."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return worked(jobs.start_import(actor=ANNA, model=model, file_name=name, pieces=[data]))


def imported(job: Job, *, only_fine: bool = False) -> Job:
    return worked(jobs.confirm(actor=ANNA, id=job.pk, only_fine=only_fine))


def undone(job: Job) -> Job:
    return worked(jobs.undo(actor=ANNA, id=job.pk))


def exported(model: str, format: str, **of: Any) -> bytes:
    """The file of an export."""
    job = worked(jobs.start_export(actor=ANNA, model=model, name="rows", format=format, **of))
    assert job.state == State.EXPORTED, job.note
    content = files.content(job)
    assert len(content) == job.size
    return content


def breaking(monkeypatch: pytest.MonkeyPatch, handler: str, *, at: int | None = None) -> None:
    """What is done to each row breaks, for all rows or that of one number, as by a fault of ours."""
    work = getattr(rows, handler)

    def breaks(resource: Any, held: Job, row: JobRow) -> None:
        if at in {None, row.number}:
            raise RuntimeError("a bug")
        work(resource, held, row)

    monkeypatch.setattr(rows, handler, breaks)


def tried_out(job: Job) -> Job:
    """The job when nobody tries any more."""
    for _ in range(MOST_ATTEMPTS + 2):  # the first may have got somewhere
        work_on(job.pk)
    job.refresh_from_db()
    return job


def outcomes(job: Job) -> list[str]:
    return list(job.rows.values_list("outcome", flat=True))


def errors(job: Job) -> list[list[str]]:
    """Column and message of everything that is refused."""
    return [error for row in job.rows.all() for error in row.errors]


def comes_back_unchanged(model: str, format: str, states: Callable[[], Any]) -> None:
    """What is exported and imported again changes nothing, row by row."""
    before = states()
    job = previewed(model, exported(model, format), f"rows.{format}")
    assert job.state == State.PREVIEWED, job.note
    assert errors(job) == []
    assert outcomes(job) == ["unchanged"] * len(before)
    assert states() == before
