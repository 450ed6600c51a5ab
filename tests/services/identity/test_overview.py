"""The front page: what waits for the person who looks."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from config.services import SERVICES
from tests.services.identity.factories import UserFactory
from tests.services.identity.test_sign_in_page import browser, sign_in  # noqa: F401  (a fixture)


def overview(client: Client, role: str) -> str:
    sign_in(client, UserFactory(roles=[role]))
    return re.sub(r"\s+", " ", client.get("/admin/").content.decode())


@pytest.fixture
def _ready(neighbours: Any) -> None:
    for name in SERVICES:
        parts = {"dead_letters": {"status": "up", "ms": 1}}
        neighbours.answers(name, "/health/ready", {"status": "up", "parts": parts})
    refused = {"dead_letters": {"status": "down", "reason": "2 dead letters: see there", "count": 2}}
    neighbours.answers("pricing", "/health/ready", {"status": "up", "parts": refused})


@pytest.mark.usefixtures("_ready")
def test_an_admin_sees_how_many_events_were_refused_and_where(browser: Client, neighbours: Any) -> None:  # noqa: F811
    neighbours.down("offering")
    card = overview(browser, "admin").split("Dead letters", 1)[1]
    told = dict(
        re.findall(r'href="(/admin/\w+/outbox/deadletter/)">\w+</a><span class="[^"]*">([^<]*)<', card)
    )
    assert told == {
        "/admin/characteristic/outbox/deadletter/": "none",
        "/admin/specification/outbox/deadletter/": "none",
        "/admin/pricing/outbox/deadletter/": "2 events are refused",
        "/admin/offering/outbox/deadletter/": "does not answer",
    }


@pytest.mark.usefixtures("_ready")
@pytest.mark.parametrize("role", ["viewer", "manager"])
def test_dead_letters_are_shown_to_admins_only(browser: Client, role: str) -> None:  # noqa: F811
    assert "outbox/deadletter" not in overview(browser, role)
