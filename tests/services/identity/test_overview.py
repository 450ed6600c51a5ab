"""The front page: what waits for the person who looks."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.core import clock
from apps.core.ids import uuid7
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


SCHEDULED = "/api/v1/scheduled-changes"


def change(**fields: str) -> dict[str, str]:
    soon = clock.iso(clock.now() + timedelta(days=2))
    plain = {"offering_id": str(uuid7()), "kind": "PUBLISH", "at": soon, "state": "PENDING", "reason": ""}
    return {**plain, "offering_name": "Fibre", **fields}


def coming(client: Client, role: str = "manager") -> str:
    return overview(client, role).split("Coming up", 1)[1].split("Prices about to end", 1)[0]


@pytest.mark.usefixtures("_ready")
def test_what_is_scheduled_is_seen_with_its_day_and_why_it_failed(browser: Client, neighbours: Any) -> None:  # noqa: F811
    later = change()
    failed = change(offering_name="<i>Old</i>", kind="RETIRE", state="FAILED", reason="In a <b>bundle</b>.")
    neighbours.answers("offering", SCHEDULED, [later, failed])
    card = coming(browser)
    first, second = card.split("<li>")[1:]
    assert f'/admin/offering/offering/offering/{later["offering_id"]}/change/"' in first
    assert "publish <time" in first
    assert f'datetime="{later["at"]}"' in first
    assert "retire <time" in second
    assert "&lt;i&gt;Old&lt;/i&gt;" in second
    assert "In a &lt;b&gt;bundle&lt;/b&gt;." in second
    assert "In a" not in first
    assert 'href="/admin/offering/offering/scheduledchange/"' in card


@pytest.mark.usefixtures("_ready")
def test_only_what_waits_or_failed_is_asked_for_the_soonest_first_as_the_person(
    browser: Client,  # noqa: F811
    neighbours: Any,
) -> None:
    neighbours.answers("offering", SCHEDULED, [])
    assert "Nothing is scheduled." in coming(browser)
    (asked,) = (one for one in neighbours.asked if one.path == SCHEDULED)
    assert asked.query == {"state": ["PENDING", "FAILED"], "ordering": ["at"], "limit": ["6"]}
    assert asked.authorization.startswith("Bearer ")


@pytest.mark.usefixtures("_ready")
def test_a_silent_offering_service_is_said(browser: Client, neighbours: Any) -> None:  # noqa: F811
    neighbours.down("offering")
    assert "Offering does not answer." in coming(browser)
