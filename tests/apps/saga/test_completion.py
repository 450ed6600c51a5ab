"""A step's answer to the engine: lost, repeated, too late, in each other's way."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from apps.core.actor import SYSTEM
from apps.core.errors import Unavailable
from apps.saga import execution
from apps.saga.client import Engine
from apps.saga.errors import TaskLost
from apps.saga.execution import Outcome, execute
from tests.apps.saga.proxy import OPTIMISTIC, EngineProxy, times
from tests.support.saga import Saga


def first_task(saga: Saga, lock_seconds: float = 10) -> Any:
    saga.start()
    (task,) = saga.engine.fetch_and_lock(
        saga.topics, "w#1", max_tasks=1, lock_seconds=lock_seconds, wait_seconds=2
    )
    return saga.plain(task)


def test_the_engines_optimistic_lock_is_tried_again(saga: Saga, proxy: EngineProxy) -> None:
    task = first_task(saga)
    proxy.before = times(3, "/complete", OPTIMISTIC)
    assert execute([task], saga.steps, Engine(proxy.url)) == [Outcome.COMPLETED]
    assert len([path for path in proxy.paths if path.endswith("/complete")]) == 4
    assert saga.calls == ["claim-publication"]
    saga.work()
    assert saga.end == "published"


def test_an_answer_that_arrived_and_seemed_lost_is_not_given_twice(saga: Saga, proxy: EngineProxy) -> None:
    task = first_task(saga)
    proxy.after = times(1, "/complete", (502, b"{}"))
    assert execute([task], saga.steps, Engine(proxy.url)) == [Outcome.LOST]
    saga.work()
    assert saga.calls.count("claim-publication") == 1
    assert saga.end == "published"


def test_a_step_whose_completion_is_lost_runs_again_when_its_lock_has_expired(
    saga: Saga, proxy: EngineProxy, settings: Any
) -> None:
    usual, settings.SAGA_LOCK_SECONDS = settings.SAGA_LOCK_SECONDS, 1.5
    task = first_task(saga)
    proxy.before = times(99, "/complete", (503, b"{}"))
    assert execute([task], saga.steps, Engine(proxy.url)) == [Outcome.UNTOLD]
    assert saga.engine.incidents(saga.process_id) == []
    settings.SAGA_LOCK_SECONDS = usual
    saga.work()
    assert saga.calls.count("claim-publication") == 2
    assert saga.end == "published"


def test_a_step_whose_completion_is_lost_for_good_is_not_compensated_but_reverted(
    saga: Saga, proxy: EngineProxy
) -> None:
    """Compensation covers completed steps only: the revert's event undoes what was done without being told."""
    saga.behave["lock-prices"] = lambda step: (
        setattr(proxy, "before", times(99, "/complete", (503, b"{}"))) or None
    )
    saga.start(timeout="PT1H")
    saga.work(until=lambda: "lock-prices" in saga.calls, engine=Engine(proxy.url))
    assert saga.engine.fire_timers(saga.process_id) == 1
    saga.work()
    assert "unlock-prices" not in saga.calls
    assert saga.calls[-1] == "revert-to-draft"
    assert saga.end == "failed"


@pytest.mark.parametrize("written", [{"id": "nobody", "username": "mona", "roles": []}, "mona", 7, None])
def test_a_requester_that_somebody_wrote_in_cockpit_keeps_no_task_from_being_done(
    saga: Saga, written: Any
) -> None:
    task = first_task(saga)
    task.variables["actor"] = written
    assert execute([task], saga.steps, saga.engine) == [Outcome.COMPLETED]
    assert saga.told["claim-publication"].actor == SYSTEM


def test_who_lost_the_lock_can_no_longer_answer(saga: Saga) -> None:
    stale = first_task(saga, lock_seconds=1.5)
    time.sleep(1.6)
    (fresh,) = saga.engine.fetch_and_lock(saga.topics, "w#2", max_tasks=1, lock_seconds=5, wait_seconds=2)
    assert fresh.id == stale.id
    with pytest.raises(TaskLost):
        saga.engine.complete(stale, {})
    saga.engine.complete(fresh, {})


def test_a_task_that_waited_too_long_in_the_queue_is_dropped_unexecuted(saga: Saga) -> None:
    stale = first_task(saga, lock_seconds=1.5)
    time.sleep(1.6)
    saga.engine.fetch_and_lock(saga.topics, "w#2", max_tasks=1, lock_seconds=5, wait_seconds=2)
    assert execute([stale], saga.steps, saga.engine) == [Outcome.LOST]
    assert saga.calls == []


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_was_set_meanwhile_neither_hides_a_lost_lock_nor_loses_a_good_one(
    saga: Saga, hours: int
) -> None:
    task = first_task(saga)
    jumped = replace(task, expires_at=task.expires_at + hours * 3600)
    assert execute([jumped], saga.steps, saga.engine) == [Outcome.COMPLETED]
    (late,) = saga.engine.fetch_and_lock(saga.topics, "w#2", max_tasks=1, lock_seconds=0.1, wait_seconds=2)
    late = replace(saga.plain(late), expires_at=late.expires_at + hours * 3600)
    time.sleep(0.2)
    saga.engine.fetch_and_lock(saga.topics, "w#3", max_tasks=1, lock_seconds=5, wait_seconds=2)
    assert execute([late], saga.steps, saga.engine) == [Outcome.LOST]
    assert saga.calls == ["claim-publication"]


def test_what_a_slow_message_still_holds_goes_to_whoever_is_free(
    saga: Saga, monkeypatch: pytest.MonkeyPatch
) -> None:
    saga.behave["claim-publication"] = lambda step: monkeypatch.setattr(execution, "PATIENCE_SECONDS", 0.0)
    saga.start()
    saga.start()
    tasks = saga.engine.fetch_and_lock(saga.topics, "w#1", max_tasks=2, lock_seconds=60, wait_seconds=2)
    outcomes = execute([saga.plain(task) for task in tasks], saga.steps, saga.engine)
    assert outcomes == [Outcome.COMPLETED, Outcome.GIVEN_BACK]
    (free,) = saga.engine.fetch_and_lock(
        [saga.own("claim-publication")], "w#2", max_tasks=2, lock_seconds=5, wait_seconds=2
    )
    assert free.id == tasks[1].id


def test_a_long_step_keeps_its_lock_and_those_of_the_tasks_behind_it(saga: Saga, settings: Any) -> None:
    settings.SAGA_LOCK_SECONDS = 4

    def long_until_somebody_looks_for_work(step: object) -> None:
        if len(saga.calls) == 1:
            time.sleep(5)
            saga.engine.fetch_and_lock(saga.topics, "w#2", max_tasks=2, lock_seconds=60, wait_seconds=0)

    saga.behave["claim-publication"] = long_until_somebody_looks_for_work
    saga.start()
    saga.start()
    tasks = saga.engine.fetch_and_lock(saga.topics, "w#1", max_tasks=2, lock_seconds=4, wait_seconds=2)
    outcomes = execute([saga.plain(task) for task in tasks], saga.steps, saga.engine)
    assert outcomes == [Outcome.COMPLETED, Outcome.COMPLETED]


def test_a_step_that_ended_after_the_timer_answers_nobody_and_breaks_nothing(saga: Saga) -> None:
    saga.behave["lock-prices"] = lambda step: saga.engine.fire_timers(saga.process_id) and None
    saga.start(timeout="PT1H")
    saga.work()
    assert saga.calls == ["claim-publication", "lock-prices", "fail-publication", "revert-to-draft"]
    assert saga.end == "failed"


def test_an_engine_that_does_not_answer_is_unavailable(proxy: EngineProxy) -> None:
    proxy.__exit__()
    with pytest.raises(Unavailable):
        Engine(proxy.url).instances("x")


def test_wrong_credentials_are_said_plainly(engine: Engine) -> None:
    from config import env

    with pytest.raises(Unavailable, match="credentials"):
        Engine(env.part_url("camunda").replace("//camunda:", "//nobody:")).instances("x")


def test_a_step_is_fetched_next_time_when_its_process_changes_at_that_moment(
    saga: Saga, proxy: EngineProxy
) -> None:
    saga.start()
    proxy.before = times(1, "/fetchAndLock", OPTIMISTIC)
    engine = Engine(proxy.url)
    fetched = [
        len(engine.fetch_and_lock(saga.topics, "w#1", max_tasks=1, lock_seconds=1.5, wait_seconds=2))
        for _ in range(2)
    ]
    assert fetched == [0, 1]


def test_a_process_that_is_ended_while_a_step_of_it_is_fetched_is_ended_after_all(
    saga: Saga, proxy: EngineProxy
) -> None:
    saga.start()
    proxy.before = times(2, "", OPTIMISTIC)
    Engine(proxy.url).cancel(saga.process_id)
    assert len(proxy.paths) == 3
    assert not saga.instance.running
