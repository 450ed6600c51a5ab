"""What the benchmarks share: a figure with its goal and the raw baseline of the same run, and percentiles."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report.

    ``goal`` is the most that ``value`` may be, or with ``at_least`` the least. ``raw`` is the same work without the
    suite, in the same unit and measured in the same run; None: there is no such.
    """

    name: str
    value: float
    goal: float
    unit: str
    raw: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.goal if self.at_least else self.value <= self.goal

    @property
    def of_raw(self) -> float | None:
        return self.value / self.raw if self.raw else None


def ratio(name: str, own: float, raw: float, goal: float, *, at_least: bool = True) -> Figure:
    """A figure that is a share of its raw baseline: rates ``at_least`` the goal, or times at most."""
    return Figure(f"{name} ({own:,.0f} of {raw:,.0f})", own / raw, goal, "of raw", at_least=at_least)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of the values lie; nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def until(what: Callable[[], object], *, seconds: float = 30.0, pause: float = 0.005) -> None:
    """Ask until the answer is truthy. Raises ``TimeoutError``."""
    deadline = time.perf_counter() + seconds
    while not what():
        if time.perf_counter() > deadline:
            raise TimeoutError(f"not within {seconds:g} s")
        time.sleep(pause)
