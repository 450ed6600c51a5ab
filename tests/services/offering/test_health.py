"""The offering service says whether the process engine answers, and is ready without it."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.support.ports import free_port
from tests.support.waiting import eventually

pytestmark = pytest.mark.django_db


def told() -> dict[str, str]:
    answer = Client().get("/health/ready")
    assert answer.status_code == 200
    return answer.json()["parts"]["camunda"]


def test_an_engine_that_is_there_is_up():
    eventually(lambda: told()["status"] == "up")


def test_an_engine_that_is_away_is_down_and_the_service_ready(monkeypatch):
    monkeypatch.setenv("CAMUNDA_URL", f"http://camunda:hidden-pw@127.0.0.1:{free_port()}/engine-rest")
    assert told() == {"status": "down", "reason": "The process engine does not answer."}


def test_an_engine_that_does_not_know_us_is_down(monkeypatch):
    from config import env

    mine = env.part_url("camunda")
    monkeypatch.setenv("CAMUNDA_URL", f"http://camunda:not-it@{mine.rpartition('@')[2]}")
    refused = {"status": "down", "reason": "The process engine does not accept our credentials."}
    eventually(lambda: told() == refused)
