"""A process that is asked to end under load ends with everything that it took on done, and answered."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import httpx
import pytest

from apps.runtime import services, setup, supervision
from apps.runtime.program import Program
from config.services import SERVICES, Service
from tests.e2e.conftest import BASE
from tests.support.waiting import answers, eventually

CLIENTS, PUBLICATIONS = 6, 16


@contextmanager
def copy_of(program: Program, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """One more process beside the suite's own: a web process shares the first one's port, a worker its queues."""
    environment = {**os.environ, **program.environment, **more}
    process = subprocess.Popen(program.command, cwd=program.directory, env=environment)
    told = f"http://127.0.0.1:{program.environment['METRICS_PORT']}/metrics"
    try:
        eventually(lambda: answers(told), seconds=60, why="the copy has not begun to serve")
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@contextmanager
def writing(unique: str, token: str) -> Iterator[Counter[str]]:
    """Clients that create characteristics, one request after the other; how each ended, once the block is left."""
    over = Event()
    ends: Counter[str] = Counter()

    def write(client_number: int) -> Counter[str]:
        own: Counter[str] = Counter()
        with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=30) as client:
            while not over.is_set():
                row = {"name": f"{unique} {client_number} {own.total()}", "value": "1"}
                own[str(client.post(f"{BASE}/api/v1/characteristics", json=row).status_code)] += 1
        return own

    with ThreadPoolExecutor(CLIENTS) as clients:
        at_work = [clients.submit(write, number) for number in range(CLIENTS)]
        try:
            yield ends
        finally:
            over.set()
            for one in at_work:
                ends.update(one.result())


def ended(process: subprocess.Popen[bytes]) -> int:
    """Ask it to end, in the middle of the load; its exit code."""
    time.sleep(3)
    process.send_signal(signal.SIGTERM)
    code = process.wait(75)
    time.sleep(1)
    return code


@pytest.mark.parametrize("name", ["characteristic", "gateway"])
def test_no_request_is_lost_and_none_is_done_without_an_answer(manager, unique, name):
    with copy_of(services.web(SERVICES[name], 2)) as copy, writing(unique, manager.token) as ends:
        code = ended(copy)
    assert code in {0, -signal.SIGTERM}, "uvicorn ends by the signal that it was sent"
    assert set(ends) == {"201"}
    rows = manager.get("/api/v1/characteristics", params={"search": unique, "limit": 1})
    assert int(rows.headers["X-Total-Count"]) == ends.total()


@contextmanager
def relay_that_sends_once(service: Service) -> Iterator[None]:
    """In place of the service's relay one that waits ten minutes for an answer, so that it mends nothing meanwhile."""
    relay = services.relay(service)
    supervision.stop(relay.name)
    try:
        with copy_of(relay, OUTBOX_RESEND_AFTER_SECONDS="600"):
            yield
    finally:
        supervision.start(relay.name)


def test_no_task_is_lost(manager, unique):
    """Every event is applied though a worker of its queue ends, and none has to be sent once more for it."""
    with (
        relay_that_sends_once(SERVICES["characteristic"]),
        copy_of(services.worker(SERVICES["specification"], 2)) as copy,
    ):
        with writing(unique, manager.token) as ends:
            code = ended(copy)
        assert code == 0
        assert set(ends) == {"201"}

        def deliveries() -> Counter[str]:
            query = (
                "SELECT d.state FROM outbox_delivery d JOIN outbox_outboxevent e ON e.id = d.event_id "
                "WHERE d.subscriber = 'specification' AND e.envelope->'data'->>'name' LIKE %s"
            )
            with setup.connect("characteristic") as connection:
                return Counter(state for (state,) in connection.execute(query, [f"{unique}%"]))

        eventually(lambda: deliveries() == {"done": ends.total()}, seconds=60, why="an event is not applied")


def test_no_step_of_a_publication_is_lost(manager, unique):
    """A worker that ends has done, or given back, each step that it took: its locks would last longer than we wait."""
    drafts = [manager.complete_draft(f"{unique}{number}")["id"] for number in range(PUBLICATIONS)]
    with copy_of(services.worker(SERVICES["pricing"], 2), SAGA_LOCK_SECONDS="600") as copy:
        for draft in drafts:
            assert manager.post(f"/api/v1/offerings/{draft}/publish").status_code == 202
        time.sleep(0.5)
        copy.send_signal(signal.SIGTERM)
        assert copy.wait(75) == 0
    for draft in drafts:
        assert manager.settled(draft)["lifecycle_status"] == "PUBLISHED"
        eventually(lambda draft=draft: manager.publication(draft)["state"] == "DONE", seconds=60)
