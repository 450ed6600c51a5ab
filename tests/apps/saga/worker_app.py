"""A Celery worker as a service has one, with steps that only note that they ran."""

from __future__ import annotations

import os
import time

import django
import redis
from celery import Celery
from django.conf import settings

django.setup()

from apps.saga.registry import STEPS, SagaStep  # noqa: E402 (after setup)
from config.services import SERVICES  # noqa: E402

RUN = os.environ["SAGA_TEST_RUN"]
notes = redis.Redis.from_url(settings.CELERY["broker_url"], decode_responses=True)


def note(step: SagaStep) -> dict[str, str] | None:
    topic = step.topic.removeprefix(f"{RUN}.")
    notes.rpush(f"{RUN}.calls", topic)
    while notes.sismember(f"{RUN}.hang", topic):
        time.sleep(0.1)
    return {"decision": "undo"} if topic == "fail-publication" else None


for topic in os.environ["SAGA_TEST_TOPICS"].split(","):
    STEPS.step(topic)(note)

app = Celery("saga-test")
app.conf.update(settings.CELERY)
app.autodiscover_tasks(["apps.saga"])
app.steps["worker"].add("apps.saga.bootstep:SagaWorker")
EVENTS = SERVICES[settings.SERVICE_NAME].events_queue


@app.task(name="test.event", queue=EVENTS)
def event() -> None:
    """A batch of events that takes its time."""
    time.sleep(0.05)
