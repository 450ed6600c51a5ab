"""Readiness is told in time, whatever a part does."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.core import health
from apps.core.errors import Unavailable

# As it is: the tests' plugin has put another in its place by the time a test runs.
side_by_side = health.side_by_side


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """Whoever answers has the time for it on a machine that is busy."""
    monkeypatch.setattr(health, "LIMIT_SECONDS", 30.0)
    monkeypatch.setattr(health, "_running", {})


def refused() -> None:
    raise Unavailable("It is full.")


def test_each_part_is_told_of_by_itself():
    told = side_by_side({"good": lambda: None, "full": refused, "broken": lambda: {}["x"]})
    assert told["good"]["status"] == "up"
    assert told["full"] == {"status": "down", "reason": "It is full."}
    assert told["broken"] == {"status": "down", "reason": "KeyError"}


def test_parts_that_hang_cost_the_limit_once_and_no_thread_more_than_one_each(monkeypatch):
    free, limit = threading.Event(), 2.0

    def hang() -> None:
        free.wait()

    checks = {"good": lambda: None, "one": hang, "other": hang}
    with monkeypatch.context() as short, ThreadPoolExecutor(8) as many:
        short.setattr(health, "LIMIT_SECONDS", limit)
        begun = time.monotonic()
        answers = list(many.map(lambda _: side_by_side(checks), range(8)))
        took = time.monotonic() - begun
    assert took < 2 * limit
    waiting = [thread for thread in threading.enumerate() if thread.name.startswith("health of")]
    assert len(waiting) == 2
    for told in answers:
        assert told["one"] == told["other"] == {"status": "down", "reason": "no answer in time"}
        assert told["good"]["status"] == "up"
    free.set()
    for thread in waiting:
        thread.join()
    assert side_by_side(checks)["one"]["status"] == "up", "it is asked anew when it answers again"
