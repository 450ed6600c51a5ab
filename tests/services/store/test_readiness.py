"""Ready means that one of the two stores answers, also while the other one hangs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.core import health
from tests.services.store.conftest import Store, new_store
from tests.services.store.own_mongodb import own_mongodb
from tests.support.waiting import eventually, quickest

# As it is: the tests' plugin has put another in its place by the time a test runs.
side_by_side = health.side_by_side


@pytest.fixture(autouse=True)
def _as_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "side_by_side", side_by_side)


def asked(store: Store) -> tuple[int, dict[str, Any]]:
    """Status, and parts."""
    answer = store.client.get("/health/ready")
    return answer.status_code, answer.json()["parts"]


def asked_in_time(store: Store) -> tuple[int, dict[str, Any]]:
    def anew() -> tuple[int, dict[str, Any]]:
        health._running.clear()  # or a try could be the mere rest of the one before
        return asked(store)

    answer, took = quickest(anew)
    assert took < 2
    return answer


def test_a_mongodb_that_hangs_is_told_and_the_service_is_ready_by_elasticsearch(tmp_path: Path) -> None:
    with own_mongodb(tmp_path) as server, new_store() as store:
        status, parts = asked_in_time(store)
        assert (status, parts["mongodb"]["status"], parts["either"]["status"]) == (200, "up", "up")
        with server.frozen():
            status, parts = asked_in_time(store)
            assert status == 200
            assert parts["mongodb"] == {"status": "down", "reason": "no answer in time"}
            assert (parts["elasticsearch"]["status"], parts["either"]["status"]) == ("up", "up")
        eventually(lambda: asked(store)[1]["mongodb"]["status"] == "up", seconds=60)


def test_a_broker_that_is_away_is_told_and_decides_nothing(store: Store, settings: Any) -> None:
    assert asked_in_time(store)[1]["redis"]["status"] == "up"
    settings.CELERY = {**settings.CELERY, "broker_url": "redis://127.0.0.1:1/0"}
    status, parts = asked_in_time(store)
    assert (status, parts["redis"]["status"]) == (200, "down")
