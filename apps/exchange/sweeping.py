"""Periodic work: jobs that nobody works on are sent again, and old ones are forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from apps.core import clock
from apps.exchange.models import AT_WORK, Job
from apps.exchange.tasks import send
from apps.outbox.periodic import every
from apps.outbox.retention import forgets

QUIET = timedelta(seconds=15)
"""A job at work that was not touched for so long lost its worker or its message."""


@every(5)
def send_again() -> None:
    quiet = Job.objects.filter(state__in=AT_WORK, touched_at__lt=clock.now() - QUIET)
    for id_ in quiet.values_list("pk", flat=True):
        send(id_)


@forgets("imports and exports", setting="EXCHANGE_KEEP_DAYS")
def old_jobs(before: datetime) -> QuerySet[Job]:
    """Files and previews, counted from when they were ready or undone; what was imported is history and stays in it."""
    return Job.objects.filter(ended_at__lt=before).exclude(state__in=AT_WORK)
