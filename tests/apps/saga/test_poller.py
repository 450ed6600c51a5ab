"""The thread that fetches: only what it has slots for, through outages, and never leaving a task locked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import pytest

from apps.saga.client import Engine
from apps.saga.execution import execute
from apps.saga.model import LockedTask
from apps.saga.poller import Poller
from config import env
from tests.apps.saga.proxy import EngineProxy, times
from tests.support.saga import Saga
from tests.support.waiting import eventually


class Desk:
    """Takes what a poller dispatches and finishes it when the test says so; there is room for ``limit`` tasks."""

    def __init__(self, saga: Saga) -> None:
        self.saga = saga
        self.waiting: list[LockedTask] = []
        self.limit = 2
        self.broken = False

    def room(self) -> int:
        return self.limit - len(self.waiting)

    def dispatch(self, tasks: list[LockedTask]) -> None:
        if self.broken:
            raise ConnectionError("the broker is down")
        self.waiting += [LockedTask(**asdict(task)) for task in tasks]

    def finish_one(self) -> None:
        execute([self.saga.plain(self.waiting.pop(0))], self.saga.steps, self.saga.engine)


@pytest.fixture
def desk(saga: Saga, settings: Any) -> Desk:
    settings.SAGA_BATCH = 1
    return Desk(saga)


@pytest.fixture
def polling(saga: Saga, desk: Desk) -> Iterator[Callable[..., Poller]]:
    started: list[Poller] = []

    def start(engine: Engine | None = None) -> Poller:
        poller = Poller(
            name=f"poller-{uuid4().hex}",
            topics=saga.topics,
            engine=engine or Engine(),
            room=desk.room,
            dispatch=desk.dispatch,
        )
        started.append(poller)
        poller.start()
        return poller

    yield start
    for poller in started:
        poller.stop()


def locked(saga: Saga) -> int:
    """Tasks of this test that the engine holds locked for somebody."""
    import requests

    rows = requests.get(
        f"{env.part_url('camunda')}/external-task",
        {"locked": "true", "processDefinitionKey": saga.key},
        timeout=60,
    ).json()
    return len(rows)


def test_no_more_is_fetched_than_there_is_room_for(
    saga: Saga, desk: Desk, polling: Any, settings: Any
) -> None:
    settings.SAGA_LOCK_SECONDS = 60
    for _ in range(5):
        saga.start()
    polling()
    eventually(lambda: len(desk.waiting) == 2)
    time.sleep(0.4)
    assert (len(desk.waiting), locked(saga)) == (2, 2)
    desk.finish_one()
    eventually(lambda: len(desk.waiting) == 2)
    assert locked(saga) == 2


def test_a_task_whose_lock_expired_is_given_out_again(
    saga: Saga, desk: Desk, polling: Any, settings: Any
) -> None:
    """A message lost with the broker, or an executor killed: the engine gives the task out again."""
    settings.SAGA_LOCK_SECONDS = 1.5
    saga.start()
    polling()
    eventually(lambda: desk.waiting)
    lost = desk.waiting.pop()
    eventually(lambda: desk.waiting)
    assert desk.waiting[0].id == lost.id
    assert desk.waiting[0].worker_id != lost.worker_id


def test_what_one_fetch_brings_travels_together(saga: Saga, desk: Desk, polling: Any, settings: Any) -> None:
    settings.SAGA_BATCH, settings.SAGA_LOCK_SECONDS = 5, 60
    for _ in range(7):
        saga.start()
    polling()
    eventually(lambda: desk.waiting)
    time.sleep(0.4)
    assert len(desk.waiting) == 5
    desk.limit = 0
    while desk.waiting:
        desk.finish_one()
    desk.limit = 1
    eventually(lambda: len(desk.waiting) == 5)


def test_an_engine_that_goes_away_is_waited_for(
    saga: Saga, desk: Desk, polling: Any, proxy: EngineProxy
) -> None:
    proxy.before = times(3, "/fetchAndLock", (503, b"{}"))
    saga.start()
    polling(engine=Engine(proxy.url))
    eventually(lambda: desk.waiting)
    assert len(proxy.paths) >= 4


def test_what_the_broker_does_not_take_is_given_back_at_once(
    saga: Saga, desk: Desk, polling: Any, settings: Any
) -> None:
    settings.SAGA_LOCK_SECONDS = 60
    desk.broken = True
    saga.start()
    polling()
    time.sleep(0.6)
    desk.broken = False
    eventually(lambda: desk.waiting, seconds=20)


def test_a_stopped_poller_leaves_nothing_locked(saga: Saga, desk: Desk, polling: Any, settings: Any) -> None:
    settings.SAGA_LOCK_SECONDS = 60
    poller = polling()
    time.sleep(0.2)
    poller._stopping.set()
    saga.start()
    poller.stop()
    assert not poller.is_alive()
    assert (desk.waiting, locked(saga)) == ([], 0)


def test_an_idle_poller_costs_next_to_nothing(
    saga: Saga, polling: Any, proxy: EngineProxy, settings: Any
) -> None:
    """It asks, and then the engine lets it wait."""
    asked: list[float] = []
    proxy.before = lambda path: asked.append(time.monotonic())
    polling(engine=Engine(proxy.url))
    eventually(lambda: len(asked) > 4)
    assert asked[4] - asked[0] > 4 * 0.9 * settings.SAGA_POLL_SECONDS
