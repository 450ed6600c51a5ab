"""Who has no password gets nothing from the parts' own consoles and APIs."""

from __future__ import annotations

import httpx
import pytest

from config import env
from tests.e2e.conftest import fetched

OPERATOR = ("camunda", env.secret("CAMUNDA_PASSWORD"))


@pytest.mark.parametrize("path", ["/", "/workers", "/tasks", "/broker", "/api/workers", "/api/tasks"])
def test_flower_asks_for_its_password(path: str) -> None:
    url = f"{env.part_url('flower')}{path}"
    assert fetched(url).status_code == 401
    assert fetched(url, auth=("flower", "wrong")).status_code == 401
    signed_in = fetched(url, auth=("flower", env.secret("FLOWER_PASSWORD")), follow_redirects=True)
    assert signed_in.status_code == 200


def test_flowers_own_metrics_are_shut() -> None:
    """Flower shows them to everybody, whatever its password."""
    assert fetched(f"{env.part_url('flower')}/metrics").status_code == 404


@pytest.mark.parametrize("path", ["/process-instance", "/history/process-instance", "/user", "/task"])
def test_the_engines_rest_api_asks_for_its_password(path: str) -> None:
    root = httpx.URL(env.part_url("camunda")).copy_with(userinfo=b"")
    assert fetched(f"{root}{path}").status_code == 401
    assert fetched(f"{root}{path}", auth=OPERATOR).status_code == 200


def test_cockpit_shows_its_sign_in_and_no_data() -> None:
    root = str(httpx.URL(env.part_url("camunda")).copy_with(userinfo=b"", path="/"))
    web = f"{root}{env.process_engine()}"
    assert fetched(f"{web}/api/engine/engine/default/process-instance").status_code == 401
    assert fetched(f"{web}/api/cockpit/plugin/base/default/process-definition/statistics").status_code == 401
    assert "cockpit" in fetched(f"{web}/app/cockpit/", follow_redirects=True).text.lower()
