"""Writing an export: the rows of a list, page by page, into the job's file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import batched
from typing import Any

from django.db.models import QuerySet

from apps.core import clock
from apps.exchange import files
from apps.exchange.formats import FORMATS
from apps.exchange.models import Job, State
from apps.exchange.resource import ActionResource
from apps.exchange.screens import listed, resource_of, screen_of

PAGE = 500


class _Stopped(Exception):
    """Somebody stopped it."""


def write(job: Job) -> None:
    """From the beginning, whatever an attempt before left. Raises ``ValidationFailed`` for what the format cannot
    hold."""
    resource = resource_of(job)
    rows = _rows(job)
    Job.objects.filter(pk=job.pk).update(total=rows.count(), done=0)
    try:
        size = files.store(job, FORMATS[job.format].write(resource.columns, _pages(job, resource, rows)))
    except _Stopped:
        job.parts.all().delete()
        return
    Job.objects.filter(pk=job.pk, state=State.EXPORTING).update(
        state=State.EXPORTED, size=size, note="", ended_at=clock.now()
    )


def _rows(job: Job) -> QuerySet[Any]:
    screen = screen_of(job.model)
    if job.ids is not None:
        return screen.model._default_manager.filter(pk__in=job.ids).order_by("pk")
    return listed(screen, job.query, job.who).order_by("pk")


def _pages(job: Job, resource: ActionResource, rows: QuerySet[Any]) -> Iterator[list[Any]]:
    done = 0
    for page in batched(rows.iterator(chunk_size=PAGE), PAGE):
        resource.load(page)
        yield from map(resource.plain, page)
        done += len(page)
        at_work = Job.objects.filter(pk=job.pk, state=State.EXPORTING)
        if not at_work.update(done=done, touched_at=clock.now()):
            raise _Stopped
