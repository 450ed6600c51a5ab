"""What readers notice of ``manage.py store rebuild`` while writes go on: how long searches take, and whether any fails.

The store's web process, its projection and the rebuild are the real ones, on stores of their own with a catalog of
5,000 offerings; the write services' snapshots are made up in the rebuild's process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from apps.runtime import services
from config import env
from config.services import SERVICES
from tests.benchmarks.load import get, load, serving
from tests.benchmarks.measure import Figure, percentile
from tests.support.ports import free_port

OFFERINGS, BEFORE_SECONDS, PAUSE = 5_000, 15, 0.03
SEARCHES = [
    get(f"/api/v1/store/search?q=fibre+number+{number}&limit=20") for number in range(0, OFFERINGS, 25)
]


def figures() -> list[Figure]:
    """The p99 of searches during a rebuild beside those before it, with the same writes."""
    with _stores() as work:
        store = SERVICES["store"]
        server = services.gunicorn(store, port := free_port())
        variables = {**services.environment(store), **_scratch(), "LOG_LEVEL": "INFO"}
        with serving(server, port, SEARCHES[0], **variables):
            _searched(port, seconds=5)  # warm
            before, failed_before = _searched(port, seconds=BEFORE_SECONDS)
            started = time.perf_counter()
            during, failed_during = _searched(port, until=_rebuilding(work))
            seconds = time.perf_counter() - started
    print(
        f"  {len(before)} searches in {BEFORE_SECONDS} s before, {len(during)} in {seconds:.1f} s of rebuild"
    )
    slow, usual = percentile(during, 0.99) * 1000, percentile(before, 0.99) * 1000
    return [
        Figure(
            f"search p99 during a rebuild of {OFFERINGS:,} ({slow:.1f} ms of {usual:.1f} ms)",
            slow / usual,
            2.0,
            "times",
        ),
        Figure("searches that failed during a rebuild", failed_before + failed_during, 0, ""),
    ]


def _scratch() -> dict[str, str]:
    name = f"bench-rebuild-{os.getpid()}"
    return {"STORE_MONGODB_DATABASE": name, "STORE_INDEX_PREFIX": name}


@contextmanager
def _stores() -> Iterator[subprocess.Popen[str]]:
    """A filled store that is written to, and the process that does it: it rebuilds when told to."""
    settings = {"DJANGO_SETTINGS_MODULE": SERVICES["store"].settings_module, "OTEL_SDK_DISABLED": "true"}
    work = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.rebuild_work", str(OFFERINGS)],
        cwd=env.BASE_DIR,
        env={**os.environ, **settings, **_scratch(), "LOG_LEVEL": "WARNING"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _expect(work, "filled")
        yield work
    finally:
        assert work.stdin is not None
        work.stdin.close()
        work.wait(60)


def _rebuilding(work: subprocess.Popen[str]) -> threading.Event:
    """Tell the process to rebuild; set when it has."""
    assert work.stdin is not None
    done = threading.Event()

    def waiting() -> None:
        try:
            _expect(work, "rebuilt")
        finally:
            done.set()

    work.stdin.write("rebuild\n")
    work.stdin.flush()
    threading.Thread(target=waiting, daemon=True).start()
    return done


def _expect(work: subprocess.Popen[str], word: str) -> None:
    assert work.stdout is not None
    if (line := work.stdout.readline().strip()) != word:
        raise RuntimeError(f"the rebuild's process said {line!r}, not {word!r}")


def _searched(
    port: int, *, seconds: float = 600, until: threading.Event | None = None
) -> tuple[list[float], int]:
    """Seconds of each search of one client that pauses between them, and how many were not answered with 200."""
    waits: list[float] = []
    failed, number, end = 0, 0, time.perf_counter() + seconds
    while time.perf_counter() < end and not (until and until.is_set()):
        try:
            waits += load(port, [SEARCHES[number % len(SEARCHES)]], clients=1, count=1)[1]
        except OSError:
            failed += 1
        number += 1
        time.sleep(PAUSE)
    return waits, failed
