"""A service's process dies and is started again under load: no write is sent twice, and no answer is untrue."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import sleep

import httpx
import pytest

from config.services import SERVICES
from tests.services.gateway.conftest import Gateway
from tests.services.gateway.servers import TIMEOUT
from tests.support.ports import free_port

PATH = "/api/v1/prices"
CLIENTS, TURNS = 6, 20


@contextmanager
def kept_up(port: int, notes: Path) -> Iterator[None]:
    """A copy of the service ``ledger``, started again whenever it dies; up when this is entered."""
    stopping = threading.Event()
    up = threading.Event()
    running: list[subprocess.Popen[bytes]] = []

    def keep() -> None:
        while not stopping.is_set():
            command = [sys.executable, "-m", "tests.services.gateway.ledger", str(port), str(notes)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
                running[:] = [process]
                assert process.stdout is not None
                process.stdout.readline()
                up.set()
                if stopping.is_set():
                    process.kill()

    keeper = threading.Thread(target=keep)
    keeper.start()
    try:
        assert up.wait(60)
        yield
    finally:
        stopping.set()
        running[0].kill()
        keeper.join(TIMEOUT)


def until_taken(client: httpx.Client, method: str, key: str, **headers: str) -> dict[str, httpx.Response]:
    """Send until a service took it, each time under another id; all answers by id."""
    answers: dict[str, httpx.Response] = {}
    for attempt in range(1000):
        name = f"{method}-{key}-{attempt}"
        answers[name] = client.request(method, PATH, headers={"X-Correlation-ID": name, **headers})
        if answers[name].status_code != 503:
            return answers
        sleep(0.02)
    raise AssertionError("the service did not come back")


@pytest.mark.parametrize("copies", [1, 2])
def test_a_service_that_dies_under_load_gets_no_write_twice_and_no_answer_is_untrue(
    gateway: Gateway, tmp_path: Path, copies: int
) -> None:
    """With one copy nobody is there for a while; with two, whoever repeats a request finds the other one."""
    port, notes = free_port(), tmp_path / "ledger"
    names = [name for name in SERVICES if name != "gateway"]
    client = gateway(
        GATEWAY_UPSTREAMS=dict.fromkeys(names, f"http://127.0.0.1:{port}"), GATEWAY_BREAKER_SECONDS=0.05
    )

    def use(number: int) -> dict[str, httpx.Response]:
        answers: dict[str, httpx.Response] = {}
        for turn in range(TURNS):
            fatal = {"X-Fatal": "1"} if number == 0 and turn in {5, 12} else {}
            answers |= until_taken(client, ("POST", "GET")[turn % 3 == 0], f"{number}-{turn}", **fatal)
        return answers

    with ExitStack() as stack, ThreadPoolExecutor(CLIENTS) as pool:
        for _ in range(copies):
            stack.enter_context(kept_up(port, notes))
        answers = {key: answer for part in pool.map(use, range(CLIENTS)) for key, answer in part.items()}

    noted = Counter(notes.read_text().splitlines())
    for key, answer in answers.items():
        read = key.startswith("GET")
        assert noted[key] <= 1 + read, f"{key} was sent again"
        assert bool(noted[key]) or answer.status_code != 200, f"{key} was answered by nobody"
        assert not noted[key] or answer.status_code != 503, f"{key} was sent, and called unsent"
        assert ("retry-after" in answer.headers) is (
            answer.status_code == 503 or (answer.status_code == 502 and read)
        )
    assert {200, 502} <= {answer.status_code for answer in answers.values()} <= {200, 502, 503}
