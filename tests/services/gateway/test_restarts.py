"""A service's process is killed and started again under load: no write is sent twice, and no answer is untrue."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import httpx

from config.services import SERVICES
from tests.services.gateway.conftest import Gateway
from tests.services.gateway.servers import TIMEOUT, free_port

PATH = "/api/v1/prices"
CLIENTS, KILLS = 6, 2


@contextmanager
def ledger(port: int, notes: Path) -> Iterator[None]:
    """The service ``ledger`` on ``port``, up when this is entered and killed when it is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "tests.services.gateway.ledger:application", f"--port={port}"],
        env={**os.environ, "LEDGER": str(notes)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(int(TIMEOUT / 0.02)):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            sleep(0.02)
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(TIMEOUT)


def test_a_service_killed_under_load_gets_no_write_twice_and_no_answer_is_a_lie(
    gateway: Gateway, tmp_path: Path
) -> None:
    port, notes = free_port(), tmp_path / "ledger"
    names = [name for name in SERVICES if name != "gateway"]
    client = gateway(
        GATEWAY_UPSTREAMS=dict.fromkeys(names, f"http://127.0.0.1:{port}"), GATEWAY_BREAKER_SECONDS=0.05
    )
    stopping = False
    answers: dict[str, httpx.Response] = {}

    def use(number: int) -> None:
        turn = 0
        while not stopping:
            turn += 1
            method = ("POST", "GET")[turn % 2]
            key = f"{method}-{number}-{turn}"
            answers[key] = client.request(method, PATH, headers={"X-Correlation-ID": key})

    with ThreadPoolExecutor(CLIENTS) as pool:
        users = [pool.submit(use, number) for number in range(CLIENTS)]
        try:
            for _ in range(KILLS + 1):
                with ledger(port, notes):
                    before = len(answers)
                    while len(answers) < before + 100 and not any(user.done() for user in users):
                        sleep(0.01)
        finally:
            stopping = True
        for user in users:
            user.result(TIMEOUT)

    noted = Counter(line.split()[1] for line in notes.read_text().splitlines())
    for key, answer in answers.items():
        method = key.partition("-")[0]
        assert noted[key] <= (1 if method == "POST" else 2), f"{key} was sent again"
        match answer.status_code:
            case 200:
                assert noted[key], f"{key} was answered by nobody"
            case 503:
                assert not noted[key], f"{key} was sent, and called unsent"
                assert answer.headers["retry-after"]
            case 502:
                assert ("retry-after" in answer.headers) is (method == "GET")
            case other:
                raise AssertionError(f"{key} was answered {other}")
    assert {200, 503} <= {answer.status_code for answer in answers.values()}
