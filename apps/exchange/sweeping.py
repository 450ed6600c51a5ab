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
EXPIRES = timedelta(minutes=5)
"""How long such a message is worth something: long enough for a busy queue."""


@every(5)
def send_again() -> None:
    """Each once in a while only, and with an end: a queue that nobody reads does not fill up with them."""
    quiet = Job.objects.filter(state__in=AT_WORK, touched_at__lt=clock.now() - QUIET)
    for id_ in list(quiet.values_list("pk", flat=True)):
        if quiet.filter(pk=id_).update(touched_at=clock.now()):
            send(id_, expires=EXPIRES)


@forgets("imports and exports", setting="EXCHANGE_KEEP_DAYS")
def old_jobs(before: datetime) -> QuerySet[Job]:
    """Files and previews, counted from when they were ready or undone; what was imported is history and stays in it."""
    return Job.objects.filter(ended_at__lt=before).exclude(state__in=AT_WORK)
