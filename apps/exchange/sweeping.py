"""Periodic work: jobs that nobody works on are sent again, and old ones are forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from apps.core import clock
from apps.outbox.periodic import every

QUIET = timedelta(seconds=15)
"""A job at work that was not touched for so long lost its worker or its message."""


@every(5)
def send_again() -> None:
    from apps.exchange.models import AT_WORK, Job
    from apps.exchange.tasks import send

    quiet = Job.objects.filter(state__in=AT_WORK, touched_at__lt=clock.now() - QUIET)
    for id_ in quiet.values_list("pk", flat=True):
        send(id_)


@every(3600)
def forget_old() -> None:
    """Files and previews after ``EXCHANGE_KEEP_DAYS``; what was imported is history and stays in it."""
    from apps.exchange.models import AT_WORK, Job

    before = clock.now() - timedelta(days=settings.EXCHANGE_KEEP_DAYS)
    Job.objects.filter(created_at__lt=before).exclude(state__in=AT_WORK).delete()
