"""Who has no password gets nothing from the parts' own consoles and APIs."""

from __future__ import annotations

import httpx
import pytest

from config import env

OPERATOR = ("camunda", env.secret("CAMUNDA_PASSWORD"))


@pytest.mark.parametrize("path", ["/", "/workers", "/tasks", "/broker", "/api/workers", "/api/tasks"])
def test_flower_asks_for_its_password(path: str) -> None:
    url = f"{env.part_url('flower')}{path}"
    assert httpx.get(url).status_code == 401
    assert httpx.get(url, auth=("flower", "wrong")).status_code == 401
    signed_in = httpx.get(
        url, auth=("flower", env.secret("FLOWER_PASSWORD")), follow_redirects=True, timeout=15
    )
    assert signed_in.status_code == 200


def test_flowers_own_metrics_are_shut() -> None:
    """Flower shows them to everybody, whatever its password."""
    assert httpx.get(f"{env.part_url('flower')}/metrics").status_code == 404


@pytest.mark.parametrize("path", ["/process-instance", "/history/process-instance", "/user", "/task"])
def test_the_engines_rest_api_asks_for_its_password(path: str) -> None:
    root = httpx.URL(env.part_url("camunda")).copy_with(userinfo=b"")
    assert httpx.get(f"{root}{path}").status_code == 401
    assert httpx.get(f"{root}{path}", auth=OPERATOR).status_code == 200


def test_cockpit_shows_its_sign_in_and_no_data() -> None:
    root = str(httpx.URL(env.part_url("camunda")).copy_with(userinfo=b"", path="/"))
    web = f"{root}{env.process_engine()}"
    assert httpx.get(f"{web}/api/engine/engine/default/process-instance").status_code == 401
    assert (
        httpx.get(f"{web}/api/cockpit/plugin/base/default/process-definition/statistics").status_code == 401
    )
    assert "cockpit" in httpx.get(f"{web}/app/cockpit/", follow_redirects=True).text.lower()
