"""A relay that is asked to end at work ends with what it took on done: nothing lost, nothing twice."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
import redis
from django.db import connection

from apps.outbox.models import Delivery
from apps.outbox.relay.broker import queue_of
from config import env
from tests.apps.outbox.conftest import TWO
from tests.support.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)

OWN_DATABASE = env.part_url("redis").rsplit("/", 1)[0] + "/15"
"""Queues that no worker of a suite that may be running takes from."""
CLAIM = 150
"""Events that a relay takes on at once: one message each, so that this lasts."""


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(OWN_DATABASE) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def relay(broker: redis.Redis, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """``relay()`` starts one on the tests' database; it does not outlive the test."""
    started: list[subprocess.Popen[bytes]] = []
    server = env.database_url("characteristic").rpartition("/")[0]
    environment = {
        **os.environ,
        "CHARACTERISTIC_DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
        "REDIS_URL": OWN_DATABASE,
        "METRICS_PORT": "0",
        "OUTBOX_CLAIM": str(CLAIM),
        "OUTBOX_BATCH": "1",
        "OUTBOX_QUEUE_LIMIT": "100000",
        "OUTBOX_RESEND_AFTER_SECONDS": "3600",
    }

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "characteristic", "relay", "--skip-checks"]
        with (tmp_path / f"relay{len(started)}.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=env.BASE_DIR, env=environment, stdout=log, stderr=log)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@contextmanager
def writing(changes: Callable[[int], object]) -> Iterator[None]:
    """Within the block characteristics are created, one after the other."""
    over = Event()

    def write() -> None:
        while not over.is_set():
            changes(1)
        connection.close()

    with ThreadPoolExecutor(1) as writer:
        at_work = writer.submit(write)
        try:
            yield
        finally:
            over.set()
            at_work.result()


def on_the_broker(broker: redis.Redis) -> Counter[tuple[str, str]]:
    """Subscriber and event id of all that was sent."""
    return Counter(
        (name, json.loads(event)["id"])
        for name in TWO
        for message in broker.lrange(queue_of(name), 0, -1)  # type: ignore[union-attr]
        for event in json.loads(base64.b64decode(json.loads(message)["body"]))[1]["events"]
    )


def deliveries(**which: str) -> Counter[tuple[str, str]]:
    rows = Delivery.objects.filter(**which).values_list("subscriber", "event__event_id")
    return Counter((name, str(event_id)) for name, event_id in rows)


def end(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(60)


def test_what_it_had_taken_on_is_sent_and_noted_and_the_rest_waits_for_the_next_one(changes, broker, relay):
    changes(3 * CLAIM)
    with writing(changes):
        first = relay()
        eventually(lambda: len(on_the_broker(broker)) > 20, why="nothing is sent")
        assert end(first) == 0
        assert deliveries(state="sent") == on_the_broker(broker), "sent and not noted, or noted and not sent"
        assert deliveries(state="pending"), "nothing was left to be done"
        second = relay()
        eventually(lambda: len(on_the_broker(broker)) > 5 * CLAIM, why="the next one does not go on")
    eventually(lambda: not deliveries(state="pending"), why="not everything is sent")
    assert end(second) == 0
    assert on_the_broker(broker) == deliveries(state="sent") == deliveries()
    assert set(deliveries().values()) == {1}
