"""Periodic work of a service: done in its relay, by one relay at a time (an advisory lock says whose turn).

There is no beat process. ``@every(30)`` on a function without arguments declares it; the module that
does so is imported by the service's ``tasks.py``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import close_old_connections, connection

from apps.core.turns import turn

log = structlog.get_logger(__name__)
Job = Callable[[], object]


@dataclass(slots=True)
class _Entry:
    name: str
    seconds: float
    job: Job


_entries: dict[str, _Entry] = {}


def every(seconds: float) -> Callable[[Job], Job]:
    """Run the decorated function about every ``seconds`` (a float); its failures are logged and it goes on."""

    def declare(job: Job) -> Job:
        name = f"{job.__module__}.{job.__qualname__}"
        _entries[name] = _Entry(name, seconds, job)
        return job

    return declare


def run_until(stopping: threading.Event) -> list[threading.Thread]:
    """Start a thread for each job, so that one that waits for a part keeps no other waiting; they end after
    ``stopping`` is set."""
    threads = [
        threading.Thread(target=_repeat, args=(entry, stopping), name=f"periodic {entry.name}", daemon=True)
        for entry in _entries.values()
    ]
    for thread in threads:
        thread.start()
    return threads


def _repeat(entry: _Entry, stopping: threading.Event) -> None:
    while not stopping.is_set():
        run_one(entry.name)
        stopping.wait(entry.seconds)
    connection.close()


def run_one(name: str) -> bool:
    """Run a job now if no other process is at it; gives whether it ran to its end."""
    close_old_connections()
    try:
        with turn(name) as mine:
            if mine:
                _entries[name].job()
            return mine
    except Exception as error:  # the next round tries again
        log.warning("periodic job failed", job=name, reason=f"{type(error).__name__}: {error}".strip())
        return False
