"""``neighbours``: the other services, as a real HTTP server that answers what the test says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.neighbours import Neighbours, addresses, serving


@pytest.fixture
def neighbours(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[Neighbours]:
    from apps.access import service_token

    with serving() as running:
        for name, url in addresses(running).items():
            monkeypatch.setenv(name, url)
        settings.ACCESS_TOKEN_URL = f"{running.address}/identity/api/v1/auth/token"
        service_token._service_token.forget()
        yield running
    service_token._service_token.forget()
