"""Waiting for what happens by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx


def eventually[T](what: Callable[[], T], *, seconds: float = 60.0, why: str = "") -> T:
    """The first truthy answer of ``what``; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        if answer := what():
            return answer
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {why or what}"
        time.sleep(0.02)


def quickest[T](ask: Callable[[], T], tries: int = 3) -> tuple[T, float]:
    """What the quickest of these tries answered, and its seconds: a slow machine is hardly slow every time."""

    def timed() -> tuple[T, float]:
        begun = time.monotonic()
        return ask(), time.monotonic() - begun

    return min((timed() for _ in range(tries)), key=lambda tried: tried[1])


def answers(url: str) -> bool:
    """Whether somebody is there and well."""
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.TransportError:
        return False
