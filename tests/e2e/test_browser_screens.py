"""Every page of the admin, for whoever may see it: nothing about it keeps anybody out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.core import clock
from apps.core.ids import uuid7
from config.services import SERVICES, WRITE_SERVICES, Screen, Service
from tests.e2e.conftest import ADMIN, BASE, Api
from tests.e2e.looking import open_search, search, wrong_with

EVERY = [(service, screen) for service in SERVICES.values() for screen in service.screens]
OF_A_ROW = ("change", "history", "delete")
ADMINS = {"identity/user", "identity/signingkey"}
MADE_BY_HAND = {path.path for _, path in EVERY if path.api} - {
    "offering/publication",
    "offering/scheduledchange",
}
"""Screens with a form for a new row."""


@pytest.fixture(scope="module")
def rows(manager: Api, admin: Api) -> dict[str, str]:
    """Screen -> the id of a row of it, of all that can be made."""
    word = f"s{uuid7().hex[-10:]}"
    speed = manager.made(
        "characteristics", name=f"Speed {word}", value="1000", unit_of_measure="Mbps", description="fast"
    )
    line = manager.made("specifications", name=f"Line {word}", characteristic_ids=[speed["id"]])
    fee = manager.made("prices", name=f"Fee {word}", value="39.90", currency="EUR", unit="per month")
    parts = {
        "specification_ids": [line["id"]],
        "pricing_ids": [fee["id"]],
        "sales_channels": ["web"],
        "category_ids": [manager.made("categories", name=f"Category {word}")["id"]],
        "catalog_ids": [manager.made("catalogs", name=f"Catalog {word}")["id"]],
    }
    published, later = (manager.made("offerings", name=f"{n} {word}", **parts) for n in ("Now", "Later"))
    assert manager.post(f"/api/v1/offerings/{published['id']}/publish").status_code == 202
    manager.settled(published["id"])
    manager.patch(f"/api/v1/offerings/{later['id']}", json={"description": "changed"})
    at = {"kind": "PUBLISH", "at": clock.iso(clock.now() + timedelta(days=40))}
    change = manager.post(f"/api/v1/offerings/{later['id']}/schedule", json=at).json()
    return {
        "identity/user": admin.get("/api/v1/users").json()[0]["id"],
        "characteristic/characteristic": speed["id"],
        "specification/specification": line["id"],
        "pricing/price": fee["id"],
        "offering/offering": later["id"],
        "offering/category": parts["category_ids"][0],
        "offering/catalog": parts["catalog_ids"][0],
        "offering/synonymset": manager.made("synonyms", terms=[f"fibre {word}", f"fiber {word}"])["id"],
        "offering/scheduledchange": change["id"],
        "offering/publication": manager.publication(published["id"])["id"],
    }


def looked_at(page: Page, paths: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each page that there is with what is wrong with it."""
    for path in paths:
        answer = page.goto(f"{BASE}{path}")
        assert answer is not None
        if answer.status != 403:
            assert answer.status == 200, path
            yield path, wrong_with(page)


@pytest.mark.parametrize(("service", "screen"), EVERY, ids=[screen.path for _, screen in EVERY])
def test_no_page_of_a_screen_keeps_anybody_out(
    open_page: Callable[..., Page], rows: dict[str, str], service: Service, screen: Screen
):
    page = open_page("admin" if screen.path in ADMINS else "manager")
    below = f"{service.admin_path}{screen.path}/"
    row = rows.get(screen.path) or _first_row(page, below)
    of_it = [f"{below}{row}/{name}/" for name in OF_A_ROW] if row else []
    seen = dict(looked_at(page, [below, f"{below}add/", *of_it]))
    assert {path: wrong for path, wrong in seen.items() if wrong} == {}
    assert (f"{below}add/" in seen) == (screen.path in MADE_BY_HAND)
    assert set(of_it[:1]) <= set(seen)
    assert len(seen) == 5 or screen.path not in MADE_BY_HAND


def _first_row(page: Page, below: str) -> str:
    page.goto(f"{BASE}{below}")
    links = page.locator('#result_list a[href*="/change/"]')
    return (links.first.get_attribute("href") or "").split("/")[-3] if links.count() else ""


@pytest.mark.parametrize(
    "path",
    [screen.path for _, screen in EVERY if screen.path not in ADMINS and not screen.technical],
)
def test_no_page_that_is_only_looked_at_keeps_anybody_out(open_page, rows, path):
    page = open_page("viewer")
    service = next(s for s, screen in EVERY if screen.path == path)
    below = f"{service.admin_path}{path}/{rows[path]}"
    seen = dict(looked_at(page, [f"{below}/change/", f"{below}/delete/", f"{service.admin_path}{path}/add/"]))
    assert seen == {f"{below}/change/": []}


def test_no_file_that_comes_or_goes_keeps_anybody_out(open_page):
    page = open_page("manager")
    prices = f"{SERVICES['pricing'].admin_path}pricing/price/"
    page.goto(f"{BASE}{prices}export/")
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    job = page.url.removeprefix(BASE)
    lists = [f"{SERVICES[name].admin_path}exchange/job/" for name in WRITE_SERVICES]
    seen = dict(looked_at(page, [f"{prices}import/", f"{prices}export/", job, *lists]))
    assert {path: wrong for path, wrong in seen.items() if wrong} == {}
    assert len(seen) == 3 + len(lists)


def test_neither_the_front_page_nor_what_opens_over_a_page_keeps_anybody_out(open_page, rows):
    page = open_page("admin")
    wrong = {"front page": wrong_with(page)}
    page.get_by_role("button", name="Signed in as admin").click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    wrong["menu"] = wrong_with(page)
    page.keyboard.press("Escape")
    open_search(page)
    search(page, "fee", page.locator("#command-results li.active"))
    wrong["palette"] = wrong_with(page)
    page.goto(f"{ADMIN}/")
    page.keyboard.press("Shift+?")
    expect(page.locator("#keys")).to_be_visible()
    wrong["keys"] = wrong_with(page)
    page.goto(f"{ADMIN}/pricing/outbox/deadletter/")
    wrong["dead letters"] = wrong_with(page)
    page.goto(f"{ADMIN}/pricing/pricing/price/deleted/")
    wrong["deleted ones"] = wrong_with(page)
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{ADMIN}/")
    page.get_by_role("button", name="Sidebar").first.click()
    expect(page.locator("#nav-sidebar").get_by_role("link", name="Offerings")).to_be_visible()
    wrong["sidebar on a telephone"] = wrong_with(page)
    assert {name: found for name, found in wrong.items() if found} == {}


def test_no_page_that_says_no_keeps_anybody_out(open_page, chrome):
    page = open_page("viewer")
    wrong = {}
    for status, path in (
        (403, "/admin/offering/offering/offering/add/"),
        (404, "/admin/offering/nothing/"),
        (200, "/"),
    ):
        answer = page.goto(f"{BASE}{path}")
        assert answer is not None
        assert answer.status == status
        wrong[path] = wrong_with(page)
    context = chrome.new_context(viewport={"width": 1440, "height": 900})
    nobody = context.new_page()
    nobody.goto(f"{ADMIN}/")
    wrong["sign-in"] = wrong_with(nobody)
    nobody.locator('[name="username"]').fill("nobody")
    nobody.locator('[name="password"]').fill("wrong")
    nobody.locator('[name="password"]').press("Enter")
    expect(nobody.get_by_text("The username or the password is wrong.")).to_be_visible()
    wrong["refused"] = wrong_with(nobody)
    context.close()
    assert {name: found for name, found in wrong.items() if found} == {}
