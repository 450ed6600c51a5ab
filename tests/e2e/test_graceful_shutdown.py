"""A web process that is asked to end under load ends with everything that it took on answered."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import pytest

from apps.runtime import services
from config.services import SERVICES
from tests.e2e.conftest import BASE
from tests.support.waiting import answers, eventually

SERVICE = SERVICES["characteristic"]
CLIENTS = 6


@pytest.fixture
def copy() -> Iterator[subprocess.Popen[bytes]]:
    """A second web process of the service, which shares the first one's port."""
    program = services.web(SERVICE, 2)
    environment = {**os.environ, **program.environment}
    process = subprocess.Popen(program.command, cwd=program.directory, env=environment)
    told = f"http://127.0.0.1:{program.environment['METRICS_PORT']}/metrics"
    eventually(lambda: answers(told), seconds=60, why="the copy has not begun to serve")
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()


def test_no_request_is_lost_and_none_is_done_without_an_answer(manager, unique, copy):
    token = manager.token
    over = Event()
    asked = f"{BASE}/api/v1/characteristics"

    def write(client_number: int) -> Counter[str]:
        """One request after the other, each on a row of its own: how each ended."""
        ends: Counter[str] = Counter()
        with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
            while not over.is_set():
                row = {"name": f"{unique} {client_number} {ends.total()}", "value": "1"}
                ends[str(client.post(asked, json=row).status_code)] += 1
        return ends

    with ThreadPoolExecutor(CLIENTS) as clients:
        writing = [clients.submit(write, number) for number in range(CLIENTS)]
        time.sleep(3)
        copy.send_signal(signal.SIGTERM)
        code = copy.wait(30)
        time.sleep(1)
        over.set()
        ends = sum((one.result() for one in writing), Counter())
    assert code == 0
    assert set(ends) == {"201"}
    rows = manager.get("/api/v1/characteristics", params={"search": unique, "limit": 1})
    assert int(rows.headers["X-Total-Count"]) == ends.total()
