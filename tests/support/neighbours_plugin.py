"""``neighbours``: the other services, as a real HTTP server that answers what the test says.

It runs in the tests' own process, so it is waited for longer than a real one: only ``down`` is no answer.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.neighbours import Neighbours, addresses, serving

PATIENCE_SECONDS = 30.0
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def neighbours(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[Neighbours]:
    from apps.access import service_token
    from apps.admin_kit.neighbours import client
    from apps.references.client import _client

    for asking in (client(), _client()):
        monkeypatch.setattr(asking, "timeout", PATIENCE_SECONDS)
    monkeypatch.setattr(service_token, "TIMEOUT_SECONDS", PATIENCE_SECONDS)
    with serving() as running:
        for name, url in addresses(running).items():
            monkeypatch.setenv(name, url)
        settings.ACCESS_TOKEN_URL = f"{running.address}/identity/api/v1/auth/token"
        service_token._service_token.forget()
        yield running
    service_token._service_token.forget()


@pytest.fixture
def useless_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names a proxy that nobody reaches, for every host and under all of its names."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, NOBODY)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
