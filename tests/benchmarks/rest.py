"""What the suite costs when nobody uses it, and how long it takes to start warm."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil

from config import env
from tests.benchmarks.measure import Figure, timed

WATCHED_SECONDS = 30.0


def at_rest() -> list[Figure]:
    """Memory (proportional set size of every process of this instance) and share of one core over 30 s."""
    processes = _ours()
    before = _cpu(processes)
    time.sleep(WATCHED_SECONDS)
    busy = _cpu(processes) - before
    memory = sum(p.memory_full_info().pss for p in processes if p.is_running()) / 1e9
    return [
        Figure("the whole suite at rest, resident (PSS)", memory, 4.0, "GB"),
        Figure("the whole suite at rest, share of one core", busy / WATCHED_SECONDS, 0.15, "core"),
    ]


def warm_up() -> list[Figure]:
    """``manage.py down`` and then ``up``, with everything installed and migrated."""
    command = [sys.executable, "manage.py"]
    subprocess.run([*command, "down"], cwd=env.BASE_DIR, check=True, stdout=subprocess.DEVNULL)
    seconds = timed(
        lambda: subprocess.run(
            [*command, "up", "--quiet"], cwd=env.BASE_DIR, check=True, stdout=subprocess.DEVNULL
        )
    )
    return [Figure("make up, warm", seconds, 45.0, "s")]


def _ours() -> list[psutil.Process]:
    """Everything below the supervisor of this instance."""
    state = str(env.state_dir())
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "supervisord" in line and state in line:
            return [process, *process.children(recursive=True)]
    raise RuntimeError("The suite does not run: make up")


def _cpu(processes: list[psutil.Process]) -> float:
    total = 0.0
    for process in processes:
        if process.is_running():
            times = process.cpu_times()
            total += times.user + times.system
    return total
