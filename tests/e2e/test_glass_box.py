"""One correlation id, seen through: as an admin who was told only this id sees what became of a click."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from apps.core.ids import uuid7
from config.services import SERVICES, WRITE_SERVICES
from tests.e2e.conftest import BASE, OF_EACH_SERVICE, fetched
from tests.e2e.looking import appears, found_by_axe

STEPS = (
    "claim-publication",
    "lock-prices",
    "create-store-entry",
    "confirm-publication",
    "finish-publication",
)


@pytest.fixture
def published(manager, draft):
    """The correlation id of a publication that is through, and its offering."""
    correlation_id = f"glass-{uuid7()}"
    headers = {"X-Correlation-ID": correlation_id}
    assert manager.post(f"/api/v1/offerings/{draft['id']}/publish", headers=headers).status_code == 202
    assert manager.settled(draft["id"])["lifecycle_status"] == "PUBLISHED"
    return correlation_id, draft["id"]


def test_a_click_is_followed_from_the_request_to_the_index(open_page, published):
    correlation_id, offering_id = published
    page = open_page("admin")
    page.goto(f"{BASE}/ops/")
    page.get_by_label("Glass box").fill(correlation_id)
    page.get_by_role("button", name="Look").click()
    expect(page).to_have_url(f"{BASE}/ops/c/{correlation_id}")
    expect(page.get_by_text("All of it is done.")).to_be_visible()

    expect(page.get_by_text(f"POST /api/v1/offerings/{offering_id}/publish 202").first).to_be_visible()
    for step in STEPS:
        expect(page.locator(f'[data-step="{step}"]')).to_contain_text("completed")
    events = page.locator("#events")
    expect(events).to_contain_text("catalog.offering.PublicationRequested.v1")
    expect(events).to_contain_text("catalog.offering.OfferingUpdated.v1")
    kept = page.locator("#kept tr", has_text=offering_id)
    told, version, entry, indexed = kept.locator("td").all_inner_texts()
    assert (version, indexed) == (told, entry)
    appears(page.locator(".suite-waterfall", has_text="saga confirm-publication"))
    for service in ("gateway", "offering", "store"):
        appears(page.locator(".suite-logs li", has_text=service))


def test_its_lines_of_all_services_are_there_soon(admin, open_page):
    correlation_id = f"glass-{uuid7()}"
    for path in OF_EACH_SERVICE:
        answer = admin.get(path, params={"limit": 1}, headers={"X-Correlation-ID": correlation_id})
        assert answer.status_code == 200, (path, answer.text)
    page = open_page("admin")
    page.goto(f"{BASE}/ops/c/{correlation_id}")
    for service in SERVICES:  # nothing is there yet: the page brings it by itself
        appears(page.locator(".suite-logs li", has_text=service))


def test_the_operations_page_renews_itself_and_draws(open_page, manager):
    page = open_page("admin")
    page.goto(f"{BASE}/ops/")
    for service in (*WRITE_SERVICES, "store"):
        expect(page.locator("#lanes tr", has_text=service)).not_to_contain_text("does not answer")
    before = page.locator('[data-now="events"]').inner_text()
    for _ in range(3):  # as many as one would be no other number, when one of a minute ago leaves it
        manager.made("prices", name=f"Ops {uuid7()}", value="1", currency="EUR", price_type="one_time")
    expect(page.locator('[data-now="events"]')).not_to_have_text(before)
    drawn = page.locator('canvas[data-plot="events"]').evaluate("c => Chart.getChart(c).data.labels.length")
    assert drawn > 1


def test_what_nobody_tells_is_a_gap_and_no_number(open_page):
    page = open_page("admin")
    page.goto(f"{BASE}/ops/")
    now = page.locator('[data-now="dead"]')
    expect(now).to_have_text(re.compile(r"\d"))

    def told_by_nobody(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=re.sub(r'"dead": \d+', '"dead": null', answer.text()))

    page.route(f"{BASE}/ops/", told_by_nobody)
    expect(now).to_have_text("–")
    drawn = page.locator('canvas[data-plot="dead"]').evaluate("c => Chart.getChart(c).data.datasets[0].data")
    assert drawn[-1] is None
    page.unroute_all(behavior="wait")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_in_either_page(open_page, published, colours):
    page = open_page("admin", color_scheme=colours)
    for path in ("/ops/", f"/ops/c/{published[0]}"):
        page.goto(f"{BASE}{path}")
        expect(page.locator("#flow, #story")).to_be_visible()
        assert found_by_axe(page) == []


@pytest.mark.parametrize("path", ["/ops/", "/ops/c/some-id"])
def test_nobody_but_an_admin_is_shown_anything(open_page, path):
    assert fetched(f"{BASE}{path}").headers["Location"].startswith("/admin/login/")
    for role in ("viewer", "manager"):
        page = open_page(role)
        answer = page.goto(f"{BASE}{path}")
        assert answer is not None
        assert answer.status == 403
        assert not re.search("some-id|Publications", page.locator("main, body").first.inner_text())


@pytest.mark.parametrize("service", [*WRITE_SERVICES, "store"])
def test_what_the_pages_are_made_of_is_told_to_admins_only(admin, manager, visitor, service):
    paths = [f"{SERVICES[service].api_root}/ops/flow"]
    if service in WRITE_SERVICES:
        paths.append(f"{SERVICES[service].api_root}/ops/correlation/some-id")
    for path in paths:
        assert visitor.get(path).status_code == 401
        assert manager.get(path).status_code == 403
        assert admin.get(path).status_code == 200
