"""The pages of the glass box: who sees them, and what they say of what does not answer."""

# ruff: noqa: F811  (a fixture that is imported)
from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from apps.core import clock, correlation
from apps.core.actor import SYSTEM
from apps.observability.tracing import current_traceparent, trace_id
from apps.outbox.backlog import COUNTED
from catalog_services.identity.actions.user_create import user_create
from catalog_services.identity.ops import elsewhere
from catalog_services.identity.ops.story import MOST_PUBLICATIONS
from config.parts import NOWHERE
from config.services import SERVICES, WRITE_SERVICES
from tests.services.identity.factories import UserFactory
from tests.services.identity.test_ops_parts import event, found_lines, span
from tests.services.identity.test_sign_in_page import browser, sign_in  # noqa: F401  (a fixture)
from tests.support.spans import remote_parent

HOSTILE = "<script>alert(1)</script>"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PRICE = "0197a000-0000-7000-8000-000000000001"
STORE = {
    "generation": "g",
    "dirty": 0,
    "aside": 0,
    "oldest_dirty_seconds": None,
    "mongodb": "up",
    "elasticsearch": "down",
}


@pytest.fixture
def parts(monkeypatch: Any) -> dict[str, Any]:
    """What Zipkin and the log store answer; None: nothing."""
    line = {
        "@timestamp": "2026-01-01T00:00:00.000Z",
        "service.name": "gateway",
        "log.level": "info",
        "message": HOSTILE,
        "trace.id": TRACE,
    }
    answers: dict[str, Any] = {
        "elasticsearch": found_lines(line),
        "zipkin": [span(HOSTILE)],
    }
    monkeypatch.setattr(elsewhere, "answer", lambda part, *_, **__: answers[part])
    return answers


def figures(service: str) -> dict[str, Any]:
    """What a service answers of its flow."""
    counts = {"pending": 1, "held": 2, "sent": 3, "dead": 4}
    running = {"running": 6, "failing": 0, "done_last_hour": 0, "failed_last_hour": 0, "standing": 0}
    return {
        "events_last_minute": 300,
        "deliveries": {"store": counts},
        "oldest_seconds": {"store": 2.5 if service == "pricing" else 0.5},
        "queues": {f"{service}.events": 5, f"{service}.jobs": 2},
        **({"publications": running} if service == "offering" else {}),
    }


@pytest.fixture
def services(neighbours: Any) -> Any:
    """One price was changed; its event is on its way to the store."""
    for name in WRITE_SERVICES:
        root = SERVICES[name].api_root
        events = [
            {
                **event("e", "2026-01-01T00:00:00Z", state="sent", reason=HOSTILE),
                "subject": PRICE,
                "trace_id": TRACE,
            }
        ]
        neighbours.answers(
            name,
            f"{root}/ops/correlation/c-1",
            {"events": events if name == "pricing" else [], "more": False},
        )
        neighbours.answers(name, f"{root}/ops/flow", figures(name))
    kept = {
        "id": PRICE,
        "kind": "prices",
        "version": 1,
        "deleted": False,
        "entry_rev": None,
        "indexed_version": None,
    }
    neighbours.answers("store", "/api/v1/store/ops/state", state_of(kept))
    neighbours.answers("store", "/api/v1/store/ops/flow", {"queues": {"store.events": None}, "store": STORE})
    return neighbours


def state_of(*aggregates: dict[str, Any], **stores: str) -> dict[str, Any]:
    """What the store answers of aggregates; ``mongodb="down"``: without that one's part."""
    return {"aggregates": list(aggregates), "mongodb": "up", "elasticsearch": "up", **stores}


def look(client: Client, path: str, role: str = "admin", **headers: str) -> Any:
    sign_in(client, UserFactory(roles=[role]))
    return client.get(path, headers=headers)


@pytest.mark.parametrize("path", ["/ops/", "/ops/c/c-1"])
def test_who_is_not_signed_in_is_asked_to_and_only_an_admin_is_shown_anything(
    browser: Client,
    services: Any,
    parts: Any,
    path: str,
) -> None:
    assert browser.get(path).headers["Location"] == f"/admin/login/?next={path.replace('/', '%2F')}"
    for role in ("viewer", "manager"):
        assert look(browser, path, role).status_code == 403
    assert not [asked for asked in services.asked if "/ops/" in asked.path]
    assert look(browser, path).status_code == 200


def test_the_sidebar_leads_there_for_admins_only(browser: Client, neighbours: Any) -> None:
    assert 'href="/ops/"' in look(browser, "/admin/").content.decode()
    assert 'href="/ops/"' not in look(browser, "/admin/", "manager").content.decode()


def told_to_the_plots(page: str) -> tuple[dict[str, Any], list[str]]:
    """The totals, and which of them are at least so many."""
    found = (re.search(rf'id="{id_}"[^>]*>([^<]+)<', page) for id_ in ("flow-totals", "flow-at-least"))
    totals, at_least = (json.loads(script[1]) for script in found if script)
    return totals, at_least


def test_the_flow_is_summed_and_who_is_silent_is_said(browser: Client, services: Any, parts: Any) -> None:
    services.down("characteristic")
    page = look(browser, "/ops/").content.decode()
    summed = {"events": 15.0, "on_the_way": 18, "oldest": 2.5, "queued": 21, "dead": 12}
    totals, at_least = told_to_the_plots(page)
    assert totals == {**summed, "running": 6, "behind": 0.0}
    assert at_least == sorted(summed)
    assert page.count("does not answer") == 3  # characteristic, and the store's Elasticsearch and broker
    assert 'href="/admin/pricing/outbox/deadletter/">4</a>' in page
    assert "The broker does not answer." in page  # the store's


def test_a_total_that_nobody_tells_is_not_zero(browser: Client, services: Any, parts: Any) -> None:
    for name in WRITE_SERVICES:
        services.down(name)
    totals, at_least = told_to_the_plots(look(browser, "/ops/").content.decode())
    told_by_nobody = ["events", "on_the_way", "oldest", "queued", "dead", "running"]
    assert totals == {**dict.fromkeys(told_by_nobody), "behind": 0.0}
    assert at_least == []


@pytest.mark.parametrize(
    ("told", "behind"),
    [
        ({}, 0.0),
        ({"oldest_dirty_seconds": 4.5}, 4.5),
        ({"mongodb": "down", "dirty": None}, None),
        (None, None),
    ],
)
def test_what_waits_in_the_store_is_known_only_while_its_mongodb_answers(
    browser: Client, services: Any, parts: Any, told: Any, behind: Any
) -> None:
    if told is None:
        services.down("store")
    else:
        answer = {"queues": {"store.events": 0}, "store": {**STORE, **told}}
        services.answers("store", "/api/v1/store/ops/flow", answer)
    totals, at_least = told_to_the_plots(look(browser, "/ops/").content.decode())
    assert totals["behind"] == behind
    assert totals["queued"] == 28
    assert at_least == (["queued"] if told is None else [])


def test_what_was_counted_no_further_is_at_least_so_many(browser: Client, services: Any, parts: Any) -> None:
    assert "≥" not in look(browser, "/ops/").content.decode()
    path = "/api/v1/pricing/ops/flow"
    services.answers("pricing", path, {**figures("pricing"), "events_last_minute": COUNTED})
    page = look(browser, "/ops/").content.decode()
    assert "≥ 166.67" in page
    assert page.count("≥") == 1
    assert told_to_the_plots(page)[1] == ["events", "queued"]  # the store's broker is down


def test_an_id_is_looked_up_and_a_bad_one_is_said_and_kept_from_every_service(
    browser: Client,
    services: Any,
    parts: Any,
) -> None:
    assert look(browser, "/ops/?id=c-1").headers["Location"] == "/ops/c/c-1"
    for bad in ("a/../b", "a" * 65, HOSTILE):
        answer = look(browser, f"/ops/?id={bad}")
        assert answer.status_code == 400
        assert HOSTILE not in answer.content.decode()
        assert "A correlation id has" in answer.content.decode()
    assert browser.get(f"/ops/c/{'a' * 65}").status_code == 404


def test_the_story_has_all_of_it_and_whatever_was_logged_is_text(
    browser: Client, services: Any, parts: Any
) -> None:
    page = look(browser, "/ops/c/c-1").content.decode()
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;") == 3  # the reason of a refusal, a span's name, a line
    assert "Some of it is under way." in page
    assert TRACE in page
    assert re.search(r'>2</td>\s*<td class="px-3 py-1 text-red-700 dark:text-red-400">1</td>', page)


def test_whoever_is_asked_is_asked_under_the_id_and_in_the_trace_of_the_look(
    browser: Client, services: Any, parts: Any, monkeypatch: Any
) -> None:
    asked: dict[str, tuple[str, str]] = {}

    def answer(part: str, *_: Any, **__: Any) -> Any:
        asked[part] = correlation.current(), trace_id(current_traceparent())
        return parts[part]

    monkeypatch.setattr(elsewhere, "answer", answer)
    with remote_parent(f"00-{TRACE}-00f067aa0ba902b7-01"):
        look(browser, "/ops/c/c-1", X_Correlation_ID="look-1")
    assert asked == dict.fromkeys(parts, ("look-1", TRACE))


def test_what_is_done_is_not_asked_for_again(browser: Client, services: Any, parts: Any) -> None:
    assert look(browser, "/ops/c/c-1", HX_Request="true").status_code == 200
    done = [{**event("e", "2026-01-01T00:00:00Z"), "subject": PRICE, "trace_id": ""}]
    services.answers("pricing", "/api/v1/pricing/ops/correlation/c-1", {"events": done, "more": False})
    services.answers("store", "/api/v1/store/ops/state", state_of())
    part = look(browser, "/ops/c/c-1", HX_Request="true")
    assert part.status_code == 286
    assert "All of it is done." in part.content.decode()
    assert "<html" not in part.content.decode()


def test_what_was_just_done_is_asked_for_until_its_spans_and_lines_have_come(
    browser: Client, services: Any, parts: Any
) -> None:
    just_now = {**event("e", clock.iso(clock.now()) or ""), "subject": PRICE, "trace_id": ""}
    services.answers("pricing", "/api/v1/pricing/ops/correlation/c-1", {"events": [just_now], "more": False})
    services.answers("store", "/api/v1/store/ops/state", state_of())
    part = look(browser, "/ops/c/c-1", HX_Request="true")
    assert part.status_code == 200
    assert "All of it is done." in part.content.decode()
    assert 'hx-trigger="every 2s"' in part.content.decode()


def test_where_there_is_no_zipkin_nothing_waits_for_it_or_leads_to_it(
    browser: Client, services: Any, parts: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("ZIPKIN_URL", NOWHERE)
    parts.pop("zipkin")  # whoever asked would fail
    done = [{**event("e", "2026-01-01T00:00:00Z"), "subject": PRICE, "trace_id": TRACE}]
    services.answers("pricing", "/api/v1/pricing/ops/correlation/c-1", {"events": done, "more": False})
    services.answers("store", "/api/v1/store/ops/state", state_of())
    part = look(browser, "/ops/c/c-1", HX_Request="true")
    assert part.status_code == 286
    assert "Zipkin" not in part.content.decode()
    consoles = look(browser, "/ops/", HX_Request="true").content.decode()
    assert "Zipkin" not in consoles
    assert ">Flower</a>" in consoles


def test_a_request_that_was_just_made_is_asked_for_until_the_lines_of_others_have_come(
    browser: Client, services: Any, parts: Any
) -> None:
    services.answers("pricing", "/api/v1/pricing/ops/correlation/c-1", {"events": [], "more": False})
    for at, status in ((clock.iso(clock.now()), 200), ("2026-01-01T00:00:00.000Z", 286)):
        parts["elasticsearch"]["hits"]["hits"][0]["_source"]["@timestamp"] = at
        assert look(browser, "/ops/c/c-1", HX_Request="true").status_code == status


def test_a_story_without_its_parts_says_what_is_missing(browser: Client, services: Any, parts: Any) -> None:
    parts.update(zipkin=None, elasticsearch=None)
    services.down("offering")
    services.down("store")
    page = look(browser, "/ops/c/c-1").content.decode()
    assert "Zipkin does not answer." in page
    assert "The log store does not answer." in page
    assert "missing here: offering, store." in page
    assert "PriceUpdated" in page


@pytest.mark.parametrize("silent", ["store", "offering", "zipkin", "elasticsearch"])
def test_while_somebody_gives_no_answer_it_is_asked_again_and_nothing_is_said_to_be_done(
    browser: Client, services: Any, parts: Any, silent: str
) -> None:
    done = [{**event("e", "2026-01-01T00:00:00Z"), "subject": PRICE, "trace_id": ""}]
    services.answers("pricing", "/api/v1/pricing/ops/correlation/c-1", {"events": done, "more": False})
    services.answers("store", "/api/v1/store/ops/state", state_of())
    is_service = silent in SERVICES
    if is_service:
        services.down(silent)
    else:
        parts[silent] = None
    part = look(browser, "/ops/c/c-1", HX_Request="true")
    assert part.status_code == 200
    assert 'hx-trigger="every 2s"' in part.content.decode()
    assert ("All of it is done." in part.content.decode()) is not is_service
    assert ("Whether all of it is done cannot be told now." in part.content.decode()) is is_service


@pytest.mark.parametrize(
    ("level", "is_red"),
    [("error", True), ("critical", True), ("warning", False), ("info", False), ("crit", False), ("", False)],
)
def test_a_line_is_red_that_tells_of_an_error(
    browser: Client, services: Any, parts: Any, level: str, is_red: bool
) -> None:
    parts["elasticsearch"]["hits"]["hits"][0]["_source"]["log.level"] = level
    page = look(browser, "/ops/c/c-1").content.decode()
    assert ("text-red-700" in page.partition('class="suite-logs"')[2].partition("</ol>")[0]) is is_red


def test_while_a_part_of_the_log_store_gives_no_answer_that_is_said_and_it_is_asked_again(
    browser: Client, services: Any, parts: Any
) -> None:
    services.answers("pricing", "/api/v1/pricing/ops/correlation/c-1", {"events": [], "more": False})
    missing = "A part of the log store does not answer: lines may be missing here."
    part = look(browser, "/ops/c/c-1", HX_Request="true")
    assert part.status_code == 286
    assert missing not in part.content.decode()
    parts["elasticsearch"]["_shards"]["successful"] = 0
    part = look(browser, "/ops/c/c-1", HX_Request="true")
    assert part.status_code == 200
    assert 'hx-trigger="every 2s"' in part.content.decode()
    assert missing in part.content.decode()


def kept_as(**has: int | None) -> dict[str, Any]:
    return {"id": PRICE, "kind": "Price", "deleted": False, **has}


@pytest.mark.parametrize(
    ("state", "silent"),
    [
        (state_of(kept_as(version=None, entry_rev=None, indexed_version=7), mongodb="down"), "MongoDB"),
        (
            state_of(kept_as(version=9, entry_rev=7, indexed_version=None), elasticsearch="down"),
            "Elasticsearch",
        ),
        (state_of(mongodb="down", elasticsearch="down"), "Elasticsearch, MongoDB"),
    ],
)
def test_what_gave_the_store_no_answer_is_named_and_nothing_taken_for_behind(
    browser: Client, services: Any, parts: Any, state: Any, silent: str
) -> None:
    done = [{**event("e", "2026-01-01T00:00:00Z"), "subject": PRICE, "trace_id": ""}]
    services.answers("pricing", "/api/v1/pricing/ops/correlation/c-1", {"events": done, "more": False})
    services.answers("store", "/api/v1/store/ops/state", state)
    part = look(browser, "/ops/c/c-1", HX_Request="true").content.decode()
    assert "Whether all of it is done cannot be told now." in part
    assert silent in part.partition("cannot be told now")[2].partition("<section")[0]
    assert "text-red-700" not in part.partition('id="kept"')[2].partition("</table>")[0]


def test_an_id_that_nobody_knows(browser: Client, services: Any, parts: Any) -> None:
    parts["elasticsearch"] = found_lines()
    for name in WRITE_SERVICES:
        services.answers(
            name, f"{SERVICES[name].api_root}/ops/correlation/none", {"events": [], "more": False}
        )
    part = look(browser, "/ops/c/none", HX_Request="true")
    assert "Nobody has heard of it." in part.content.decode()
    assert part.status_code == 200  # it may have been done just now
    assert 'hx-trigger="every 2s"' in part.content.decode()


def test_many_events_are_asked_for_in_lines_that_a_server_takes(
    browser: Client, services: Any, parts: Any
) -> None:
    many = [
        {**event(f"{n:036d}", "2026-01-01T00:00:00Z"), "subject": f"{n:036d}", "trace_id": ""}
        for n in range(300)
    ]
    services.answers("pricing", "/api/v1/pricing/ops/correlation/c-1", {"events": many, "more": True})
    page = look(browser, "/ops/c/c-1").content.decode()
    asked = [one for one in services.asked if one.path.endswith("/ops/state")]
    assert sorted(len(one.query["id"]) for one in asked) == [60, 80, 80, 80], "at once, in any order"
    assert "There is more of it than is shown here." in page


def test_what_is_left_out_is_said(browser: Client, services: Any, parts: Any) -> None:
    parts["elasticsearch"]["hits"]["total"]["value"] = 4
    many = [
        {**event(f"{n}", "2026-01-01T00:00:00Z"), "subject": PRICE, "trace_id": f"{n:032x}"}
        for n in range(1, 9)
    ]
    services.answers("pricing", "/api/v1/pricing/ops/correlation/c-1", {"events": many, "more": False})
    page = look(browser, "/ops/c/c-1").content.decode()
    assert "3 more lines are not shown" in page
    assert "4 more traces are not shown" in page  # eight of events and one of the line, but the first five


def test_what_became_of_users_is_in_the_story_and_not_asked_of_the_store(
    browser: Client, services: Any, parts: Any
) -> None:
    with correlation.bound("c-1"):
        fields = {"username": "anna", "roles": ["viewer"], "password": "a good long phrase"}
        anna = user_create(actor=SYSTEM, fields=fields)
    page = look(browser, "/ops/c/c-1").content.decode()
    assert "catalog.identity.UserCreated.v1" in page
    assert "PriceUpdated" in page
    asked = [one.query["id"] for one in services.asked if one.path.endswith("/ops/state")]
    assert asked == [[PRICE]]
    assert str(anna.pk) not in page.split('id="kept"')[1]


@pytest.fixture
def published(services: Any, parts: Any) -> Any:
    """``published(n)``: n publications were asked for at once, and each of their events has arrived."""

    def told(number: int) -> None:
        done = [
            {**event(f"e{n}", "2026-01-01T00:00:00Z"), "subject": f"p{n}", "trace_id": ""}
            | {"type": "catalog.offering.PublicationStarted.v1"}
            for n in range(number)
        ]
        services.answers("pricing", "/api/v1/pricing/ops/correlation/c-1", {"events": [], "more": False})
        services.answers("offering", "/api/v1/offering/ops/correlation/c-1", {"events": done, "more": False})
        for n in range(number):
            publication = {
                "state": "DONE",
                "ended_at": "2026-01-01T00:00:01Z",
                "offering_id": PRICE,
                "steps": [],
            }
            services.answers("offering", f"/api/v1/publications/p{n}", publication)

    return told


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "All of it is done."),  # it is gone with its draft
        (503, "Whether all of it is done cannot be told now."),
    ],
)
def test_a_publication_that_nobody_tells_of_may_be_under_way(
    browser: Client, services: Any, published: Any, status: int, said: str
) -> None:
    published(2)
    services.answers("offering", "/api/v1/publications/p1", {"title": "no"}, status=status)
    part = look(browser, "/ops/c/c-1", HX_Request="true").content.decode()
    assert said in part
    assert part.count("Publication: DONE") == 1


def test_of_many_publications_only_those_that_are_shown_are_said_to_be_done(
    browser: Client, published: Any
) -> None:
    published(MOST_PUBLICATIONS)
    assert "All of it is done." in look(browser, "/ops/c/c-1").content.decode()
    published(MOST_PUBLICATIONS + 1)
    page = look(browser, "/ops/c/c-1").content.decode()
    assert "All that is shown of it is done." in page
    assert "There is more of it than is shown here." in page
