"""The one message of imports and exports: work on this job.

The store has no PostgreSQL, so what needs it is imported only where it is used.
"""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from uuid import UUID

import structlog
from celery import shared_task
from django.conf import settings
from kombu.exceptions import KombuError
from redis import RedisError

from config.services import SERVICES

log = structlog.get_logger(__name__)
NAME = "exchange.work"


@shared_task(name=NAME, acks_late=False, time_limit=900, soft_time_limit=870)
def work(job_id: str) -> None:
    """Work on a job for a slice of time and, when more is left, ask for the next.

    Acknowledged before it runs: when it is lost, the sweeper finds the job untouched and sends it anew. A slice is
    short, so that events and sagas are not kept waiting; only an export is written in one go.
    """
    from apps.exchange.working import work_on

    if work_on(UUID(job_id)):
        send(UUID(job_id))


def send(job_id: UUID, *, expires: timedelta | None = None) -> None:
    """Have a job worked on, by a message that may have an end.

    A broker that does not answer is no loss: the sweeper sends it again.
    """
    service = SERVICES[settings.SERVICE_NAME]
    app = import_module(f"{service.module}.celery").app
    try:
        app.send_task(
            NAME,
            kwargs={"job_id": str(job_id)},
            queue=service.jobs_queue,
            retry=False,
            expires=expires and expires.total_seconds(),
        )
    except (KombuError, RedisError, OSError) as error:
        log.warning("a job waits for the broker", job=str(job_id), reason=type(error).__name__)
