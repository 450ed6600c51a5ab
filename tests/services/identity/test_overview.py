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


def card(client: Client, name: str, role: str = "manager") -> str:
    """What is listed under this name."""
    return overview(client, role).split(f'data-card="{name}"', 1)[1].split("</ul>", 1)[0]


PUBLICATIONS = "/api/v1/publications"


def publication(**fields: Any) -> dict[str, Any]:
    now = clock.iso(clock.now())
    usual = {"id": str(uuid7()), "offering_id": str(uuid7()), "offering_name": "Fibre", "failure": None}
    return {**usual, "state": "RUNNING", "steps": [], "updated_at": now, **fields}


@pytest.mark.usefixtures("_ready")
def test_failed_publications_are_listed_with_their_reasons_and_those_that_could_not_be_undone(
    browser: Client,  # noqa: F811
    neighbours: Any,
) -> None:
    gone = {"code": "conflict", "message": "The <b>price</b> is gone.", "step": "lock-prices"}
    failed = publication(offering_name="<i>Old</i>", state="FAILED", failure=gone)
    stuck = publication(state="UNDO_FAILED", failure={"code": "timeout", "message": "Too late.", "step": ""})
    neighbours.answers("offering", PUBLICATIONS, [failed, stuck], total=9)
    page = overview(browser, "manager")
    first, second = card(browser, "failed").split("<li>")[1:]
    assert f'/admin/offering/offering/offering/{failed["offering_id"]}/change/"' in first
    assert "&lt;i&gt;Old&lt;/i&gt;" in first
    assert "The &lt;b&gt;price&lt;/b&gt; is gone." in first
    assert "could not be undone" not in first
    assert "It could not be undone: somebody has to see to it." in second
    assert "Too late." in second
    assert '/admin/offering/offering/publication/?now=failed">All 9<' in page
    asked = [one.query for one in neighbours.asked if one.path == PUBLICATIONS]
    assert {"unresolved": ["true"], "ordering": ["-updated_at"], "limit": ["6"]} in asked


@pytest.mark.usefixtures("_ready")
def test_what_is_being_published_says_at_which_step_it_is_and_since_when(
    browser: Client,  # noqa: F811
    neighbours: Any,
) -> None:
    since = clock.iso(clock.now() - timedelta(days=1)) or ""
    done = {"name": "claim-publication", "state": "completed", "started": since, "ended": since, "error": ""}
    held = {**done, "name": "lock-prices", "state": "failing", "ended": None, "error": "No <answer>."}
    waiting = publication(offering_name="Mobile", state="REQUESTED")
    neighbours.answers("offering", PUBLICATIONS, [publication(steps=[done, held]), waiting])
    first, second = card(browser, "running").split("<li>")[1:]
    assert f'Lock the prices, since <time datetime="{since}">{since[:10]} {since[11:16]} UTC</time>' in first
    assert "No &lt;answer&gt;." in first
    assert "Mobile" in second
    assert "Requested, since" in second
    asked = [
        one.query["state"] for one in neighbours.asked if "state" in one.query and one.path == PUBLICATIONS
    ]
    assert asked == [["REQUESTED", "RUNNING", "CONFIRMED", "FAILING"]]


@pytest.mark.usefixtures("_ready")
def test_the_drafts_are_counted(browser: Client, neighbours: Any) -> None:  # noqa: F811
    draft = {"id": str(uuid7()), "name": "Draft <1>", "updated_at": clock.iso(clock.now())}
    neighbours.answers("offering", "/api/v1/offerings", [draft], total=7)
    page = overview(browser, "viewer")
    assert "7 drafts wait to be published." in page
    assert "Draft &lt;1&gt;" in card(browser, "drafts", "viewer")
    assert ">All 7</a>" in page


@pytest.mark.usefixtures("_ready")
def test_each_service_says_how_far_its_events_are_behind(browser: Client, neighbours: Any) -> None:  # noqa: F811
    for name, seconds in (("pricing", 2.5), ("offering", 0.0)):
        parts = {"deliveries": {"status": "up", "ms": 1, "oldest_seconds": seconds}}
        neighbours.answers(name, "/health/ready", {"status": "up", "parts": parts})
    page = overview(browser, "viewer")
    assert dict(re.findall(r'data-lag="(\w+)">([^<]*)<', page)) == {
        "pricing": "oldest event on its way for 2.5 s",
        "offering": "no event on its way",
    }


@pytest.mark.usefixtures("_ready")
def test_prices_about_to_end_are_listed_with_their_day(browser: Client, neighbours: Any) -> None:  # noqa: F811
    price = {"id": str(uuid7()), "name": "Fee <1>", "valid_to": "2031-02-03T04:05:06Z"}
    neighbours.answers("pricing", "/api/v1/prices", [price])
    shown = overview(browser, "viewer").split("Prices about to end", 1)[1].split("</ul>", 1)[0]
    assert f'href="/admin/pricing/pricing/price/{price["id"]}/change/">Fee &lt;1&gt;</a>' in shown
    assert ">2031-02-03</time>" in shown


NEW_OFFERING = 'href="/admin/offering/offering/offering/add/"'
STEPS = ("characteristic/characteristic/characteristic", "specification/specification/specification")


@pytest.mark.usefixtures("_ready")
@pytest.mark.parametrize("role", ["viewer", "manager", "admin"])
def test_who_may_makes_an_offering_from_here_and_is_told_where_to_begin(
    browser: Client,  # noqa: F811
    neighbours: Any,
    role: str,
) -> None:
    neighbours.answers("offering", "/api/v1/offerings", [])
    empty = overview(browser, role)
    may_add = role != "viewer"
    assert (NEW_OFFERING in empty) is may_add
    assert ('id="begin"' in empty) is may_add
    if may_add:
        steps = empty.split('id="begin"', 1)[1].split("</ol>", 1)[0]
        assert steps.count("<li>") == 4
        places = [steps.index(f'href="/admin/{path}/add/"') for path in (*STEPS, "pricing/pricing/price")]
        assert places == sorted(places)
        assert steps.index(NEW_OFFERING) > places[-1]
    neighbours.answers("offering", "/api/v1/offerings", [], total=1)
    there = overview(browser, role)
    assert (NEW_OFFERING in there) is may_add
    assert 'id="begin"' not in there
    neighbours.down("offering")
    assert 'id="begin"' not in overview(browser, role)
