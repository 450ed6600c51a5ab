"""The one message of the saga: carry out this external task."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import redis
import structlog
from celery import Celery, shared_task
from django.conf import settings

from apps.saga import broker
from apps.saga.client import engine
from apps.saga.execution import execute
from apps.saga.model import LockedTask
from apps.saga.poller import Dispatch
from apps.saga.registry import STEPS
from config.services import SERVICES

log = structlog.get_logger(__name__)
NAME = "saga.execute"


@shared_task(name=NAME, acks_late=False, max_retries=0)
def run(task: dict[str, Any]) -> None:
    """Acknowledged before it runs: when it is lost, the lock expires and the engine gives the task out again."""
    locked = LockedTask(**task)
    try:
        execute(locked, STEPS, engine())
    finally:
        try:
            broker.slots().release(locked)
        except redis.RedisError as error:  # the slot frees itself when the lock ends
            log.warning("slot not released", reason=str(error))


def dispatcher(app: Celery) -> Dispatch:
    """Puts tasks on this service's saga queue."""

    def dispatch(task: LockedTask) -> None:
        app.send_task(
            NAME, kwargs={"task": asdict(task)}, queue=SERVICES[settings.SERVICE_NAME].saga_queue, retry=False
        )

    return dispatch
