"""A web process that stops, or whose master was killed, keeps nobody waiting: it answers what it has, and is gone."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from config import env
from tests.support.ports import free_port
from tests.support.waiting import eventually

APPLICATION = """
import os, time
def application(environ, start_response):
    slow = environ["PATH_INFO"] == "/slow"
    if slow:
        open("taken", "w").close()
        while not os.path.exists("go"):
            time.sleep(0.05)
    start_response("200 OK", [("Content-Length", "4")])
    return [b"slow" if slow else b"fast"]
"""


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except (ConnectionRefusedError, ConnectionResetError):  # reset: it left the port while it was being asked
        return False
    return True


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A gunicorn as the suite starts it, and its port."""
    (tmp_path / "slow.py").write_text(APPLICATION)
    port = free_port()
    options = (f"--bind=127.0.0.1:{port}", "--config=python:apps.runtime.gunicorn_config")
    master = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "slow:application", *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{env.BASE_DIR}:{tmp_path}"},
        start_new_session=True,
    )
    eventually(lambda: listens(port), seconds=30, why="gunicorn does not serve")
    yield master, port
    with suppress(ProcessLookupError):
        os.killpg(master.pid, signal.SIGKILL)
    master.wait()


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM])
def test_what_it_took_on_is_answered_and_nobody_new_waits_for_it(served, tmp_path, blow):
    master, port = served
    with httpx.Client(timeout=30) as idle, ThreadPoolExecutor() as clients:
        assert idle.get(f"http://127.0.0.1:{port}/").text == "fast"  # its connection stays open
        slow = clients.submit(httpx.get, f"http://127.0.0.1:{port}/slow", timeout=30)
        eventually((tmp_path / "taken").exists, why="the slow request was not taken on")
        master.send_signal(blow)
        eventually(lambda: not listens(port), why="it listens and takes nobody on")
        assert not slow.done()
        (tmp_path / "go").touch()
        assert slow.result().text == "slow"
