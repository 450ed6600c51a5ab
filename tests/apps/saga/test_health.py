"""A service whose broker is away says so, and is ready all the same: what is written waits in the outbox."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.test import Client

from apps.core import health
from tests.support.waiting import eventually, quickest

pytestmark = pytest.mark.django_db

# As it is: the tests' plugin has put another in its place by the time a test runs.
side_by_side = health.side_by_side


def ask() -> Any:
    health._running.clear()  # or a try could be the mere rest of the one before
    return Client().get("/health/ready")


def told(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200
    return answer.json()["parts"]["redis"]


def at(settings, address: str) -> None:
    settings.CELERY = {**settings.CELERY, "broker_url": f"redis://:hidden-pw@{address}/0"}


def test_a_broker_that_is_there_is_up():
    eventually(lambda: told(ask())["status"] == "up")


def test_a_broker_that_refuses_is_down_and_the_service_ready(settings):
    at(settings, "127.0.0.1:1")
    assert told(ask()) == {"status": "down", "reason": "ConnectionError"}


def test_a_broker_that_hangs_is_down_in_time(settings, monkeypatch):
    monkeypatch.setattr(health, "side_by_side", side_by_side)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        at(settings, f"127.0.0.1:{silent.getsockname()[1]}")
        answer, seconds = quickest(ask)
    assert told(answer)["status"] == "down"
    assert seconds < 2
