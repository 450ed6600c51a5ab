"""A real Celery worker with its poller: the saga goes through, whatever else the worker has to do or suffers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import requests
from celery import Celery

from config import env
from tests.support.saga import Saga
from tests.support.waiting import eventually

FORWARD = [
    "claim-publication",
    "lock-prices",
    "validate-specifications",
    "create-store-entry",
    "confirm-publication",
    "release-prices",
    "finish-publication",
]
OWN_DATABASE = env.part_url("redis").rsplit("/", 1)[0] + "/40"
"""Queues of its own beside those of a suite that may be running."""


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(OWN_DATABASE, decode_responses=True) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture
def worker(
    saga: Saga, broker: redis.Redis, tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "catalog_services.offering.settings",
        "REDIS_URL": OWN_DATABASE,
        "SAGA_TEST_RUN": saga.run,
        "SAGA_TEST_TOPICS": ",".join(saga.topics),
        "SAGA_LOCK_SECONDS": "3",
        "SAGA_POLL_SECONDS": "0.5",
        "SAGA_BATCH": "1",
    }

    def start() -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "tests.apps.saga.worker_app",
            "worker",
            "--concurrency=2",
        ]
        options = [
            "-Q",
            "offering.events,offering.saga",
            "--without-gossip",
            "--without-mingle",
            "-n",
            f"t{len(started)}@h",
        ]
        with (tmp_path / f"worker{len(started)}.log").open("wb") as log:
            process = subprocess.Popen(
                command + options, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def calls(saga: Saga, broker: redis.Redis) -> list[str]:
    return list(broker.lrange(f"{saga.run}.calls", 0, -1))  # type: ignore[arg-type]


def test_a_burst_of_events_does_not_starve_a_saga(saga: Saga, broker: redis.Redis, worker: Any) -> None:
    saga.start()
    worker()
    eventually(lambda: not saga.instance.running)
    assert calls(saga, broker) == FORWARD

    producer = Celery(broker=OWN_DATABASE)
    for _ in range(4_000):
        producer.send_task("test.event", queue="offering.events")
    saga.start()
    eventually(lambda: not saga.instance.running)
    assert broker.llen("offering.events") > 100, "it waited for the backlog, or that was gone too soon"


def test_a_killed_worker_loses_nothing_and_another_finishes(
    saga: Saga, broker: redis.Redis, worker: Any
) -> None:
    broker.sadd(f"{saga.run}.hang", "lock-prices")
    saga.start()
    first = worker()
    eventually(lambda: "lock-prices" in calls(saga, broker))
    os.killpg(first.pid, signal.SIGKILL)
    broker.delete(f"{saga.run}.hang")
    worker()
    eventually(lambda: not saga.instance.running)
    assert calls(saga, broker).count("lock-prices") == 2
    assert saga.end == "published"


def test_a_flushed_broker_loses_no_step(saga: Saga, broker: redis.Redis, worker: Any) -> None:
    """What waited in it is given out again, and what ran goes on; nothing there has to be freed first."""
    broker.sadd(f"{saga.run}.hang", "lock-prices")
    worker()
    for _ in range(4):
        saga.start()
    eventually(lambda: calls(saga, broker).count("lock-prices") == 2)
    eventually(lambda: broker.llen("offering.saga") > 0)
    broker.flushdb()
    eventually(lambda: all_ended(saga))


def all_ended(saga: Saga) -> bool:
    """Whether no process of this test runs any more."""
    rows = requests.get(
        f"{env.part_url('camunda')}/process-instance", {"processDefinitionKey": saga.key}, timeout=60
    ).json()
    return rows == []


def test_a_worker_that_ends_leaves_no_task_locked(saga: Saga, broker: redis.Redis, worker: Any) -> None:
    process = worker()
    saga.start()
    eventually(lambda: not saga.instance.running)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    saga.start()
    rows = requests.get(
        f"{env.part_url('camunda')}/external-task",
        {"locked": "true", "processDefinitionKey": saga.key},
        timeout=60,
    ).json()
    assert rows == []
