"""The suite's own services and parts are asked without a proxy, whatever the environment says of one."""

from __future__ import annotations

import pytest

from apps.core import http
from config import env
from tests.support.neighbours import Neighbours

PRICES = "/api/v1/prices"


@pytest.fixture
def url(neighbours: Neighbours, useless_proxy: None) -> str:
    """Of a service that answers, for who does not go by the proxy that the environment names."""
    neighbours.answers("pricing", PRICES, ["1"])
    return f"{env.service_url('pricing')}{PRICES}"


def test_a_client_goes_straight_there(url: str) -> None:
    with http.client(timeout=5) as client:
        assert client.get(url).json() == ["1"]


def test_a_session_does_too(url: str) -> None:
    with http.Session() as session:
        assert session.get(url, timeout=5).json() == ["1"]


@pytest.mark.parametrize(
    ("url", "far"),
    [
        ("https://collector.example:4318", True),
        ("http://127.0.0.1:8000", False),
        ("http://localhost:4318", False),
        ("", False),
    ],
)
def test_only_to_another_host_there_may_be_a_proxy(url: str, far: bool) -> None:
    assert http.is_far(url) is far


def test_a_service_on_a_host_of_its_own_is_not_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_URL", "http://gateway:8000")
    assert not http.is_far("http://gateway:8000")


def test_so_does_a_single_question(url: str) -> None:
    assert http.get(url, timeout=5).json() == ["1"]
