"""What long work says of itself where nobody sees a bar."""

from __future__ import annotations

import io

import pytest
from django.core.management.base import OutputWrapper

from apps.core import progress
from apps.core.progress import LINE_SECONDS, Progress


@pytest.fixture
def clock(monkeypatch):
    """``clock(seconds)`` passes them."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    return passes


def test_off_a_terminal_there_is_a_line_now_and_then_and_one_at_the_end(clock):
    out = io.StringIO()
    with Progress(OutputWrapper(out)) as shown:
        for done in range(1, 101):
            clock(LINE_SECONDS / 40)
            shown.say("offerings", done, 100)
    assert out.getvalue().splitlines() == ["offerings: 40 of 100", "offerings: 80 of 100", "offerings: 100"]


def test_work_of_which_nobody_knows_how_much_it_is_says_how_far_it_is(clock):
    out = io.StringIO()
    with Progress(OutputWrapper(out)) as shown:
        shown.say("events", 10, None)
        clock(LINE_SECONDS)
        shown.say("events", 20, None)
    assert out.getvalue() == "events: 20\n"
