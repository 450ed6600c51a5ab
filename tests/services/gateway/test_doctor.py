"""The doctor asks the gateway of the parts, also where processes and parts are containers."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.runtime import doctor
from apps.runtime.doctor import ELSEWHERE, Finding
from config.services import SERVICES
from tests.services.gateway.conftest import Gateway
from tests.services.gateway.servers import Upstream
from tests.support.ports import free_port


@pytest.fixture(autouse=True)
def _nothing_is_started_from_here(
    gateway: Gateway, upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    for name in SERVICES:
        monkeypatch.setenv(f"{name.upper()}_URL", upstream.url)
    monkeypatch.setenv("GATEWAY_URL", str(gateway().base_url))


def said_of(part: str) -> list[Finding]:
    return [finding for finding in doctor.examine() if part in finding.what]


def test_a_redis_that_is_elsewhere_and_down_is_told_once_with_what_to_do(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://:hidden-pw@127.0.0.1:{free_port()}/0")
    upstream.service.parts = {"redis": {"status": "down", "reason": "ConnectionError"}}
    assert said_of("redis") == [Finding("The gateway finds redis down: ConnectionError.", ELSEWHERE.up)]


def test_a_redis_that_only_a_service_does_not_reach_is_told_by_that_service(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.service.parts = {"redis": {"status": "down", "reason": "ConnectionError"}}
    assert "pricing: redis is down: ConnectionError." in [finding.what for finding in said_of("redis")]


def test_a_console_that_is_elsewhere_is_told_when_there_is_to_be_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ZIPKIN_URL", raising=False)
    monkeypatch.setenv("PORT_OFFSET", "11000")  # where nobody listens
    assert said_of("zipkin") == []
    monkeypatch.setenv("ZIPKIN_URL", f"http://127.0.0.1:{free_port()}")
    [finding] = said_of("zipkin")
    assert finding.cure == ELSEWHERE.up
