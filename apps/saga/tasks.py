"""The one message of the saga: carry out these external tasks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from celery import Celery, shared_task
from django.conf import settings

from apps.saga.client import engine
from apps.saga.execution import execute
from apps.saga.model import LockedTask
from apps.saga.poller import Dispatch
from apps.saga.registry import STEPS
from config.services import SERVICES

NAME = "saga.execute"


@shared_task(name=NAME, acks_late=False, max_retries=0)
def run(tasks: list[dict[str, Any]]) -> None:
    """Acknowledged before it runs: when it is lost, the locks expire and the engine gives the tasks out again."""
    execute([LockedTask(**task) for task in tasks], STEPS, engine())


def dispatcher(app: Celery) -> Dispatch:
    """Puts tasks on this service's saga queue."""
    queue = SERVICES[settings.SERVICE_NAME].saga_queue

    def dispatch(tasks: list[LockedTask]) -> None:
        app.send_task(NAME, kwargs={"tasks": [asdict(task) for task in tasks]}, queue=queue, retry=False)

    return dispatch
