from __future__ import annotations

import threading

import pytest
from django.db import connections

from apps.outbox import periodic

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_is_done_by_one_relay_at_a_time():
    entered, leave, runs = threading.Event(), threading.Event(), []

    @periodic.every(60)
    def job() -> None:
        runs.append(1)
        entered.set()
        leave.wait(10)

    name = f"{job.__module__}.{job.__qualname__}"

    def first() -> None:
        periodic.run_one(name)
        connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(10)
    assert periodic.run_one(name) is False
    leave.set()
    thread.join(10)
    assert len(runs) == 1
    assert periodic.run_one(name) is True


def test_a_job_that_fails_does_not_stop_the_others():
    @periodic.every(60)
    def broken() -> None:
        raise RuntimeError("boom")

    assert periodic.run_one(f"{broken.__module__}.{broken.__qualname__}") is False


def test_a_job_that_hangs_keeps_no_other_waiting(monkeypatch):
    monkeypatch.setattr(periodic, "_entries", {})
    leave, ran, stopping = threading.Event(), threading.Event(), threading.Event()
    periodic.every(60)(lambda: leave.wait(20))

    @periodic.every(60)
    def other() -> None:
        ran.set()

    threads = periodic.run_until(stopping)
    try:
        assert ran.wait(15)
    finally:
        stopping.set()
        leave.set()
        for thread in threads:
            thread.join(20)
