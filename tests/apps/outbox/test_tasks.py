from __future__ import annotations

import base64
import json

import pytest
import redis

import apps.outbox.tasks
import apps.saga.tasks
from apps.core.ids import uuid7
from apps.outbox.envelope import CloudEvent
from config import env
from config.celery import make_celery
from config.settings.events import VISIBILITY_TIMEOUT


def test_no_task_is_given_to_a_second_worker_while_it_runs(settings):
    """Redis gives out again what is not acknowledged within the visibility timeout."""
    for task in (
        apps.outbox.tasks.deliver,
        apps.outbox.tasks.settle,
        apps.outbox.tasks.snapshot,
        apps.saga.tasks.run,
    ):
        limit = task.time_limit or settings.CELERY["task_time_limit"]
        late = settings.CELERY["task_acks_late"] if task.acks_late is None else task.acks_late
        assert not late or limit < VISIBILITY_TIMEOUT, task.name


@pytest.mark.django_db
def test_something_unreadable_in_a_message_is_refused_and_stops_no_other(settings):
    own_database = env.part_url("redis").rsplit("/", 1)[0] + "/42"
    settings.CELERY = {**settings.CELERY, "broker_url": own_database}
    make_celery("characteristic").set_current()
    sound = CloudEvent("catalog.test.Other.v1", "pricing", str(uuid7()), 1, {}).to_wire()
    broken = {**sound, "id": str(uuid7()), "aggregateversion": "the newest"}
    with redis.Redis.from_url(own_database) as broker:
        broker.delete("pricing.events")
        apps.outbox.tasks.deliver([json.dumps(wire) for wire in (broken, sound, "nothing")])
        (message,) = broker.lrange("pricing.events", 0, -1)
        broker.delete("pricing.events")
    _, kwargs, _ = json.loads(base64.b64decode(json.loads(message)["body"]))
    answers = {receipt["event_id"]: receipt["outcome"] for receipt in kwargs["receipts"]}
    assert answers == {broken["id"]: "reject", sound["id"]: "ack"}
