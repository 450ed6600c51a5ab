"""Editing in a real browser: two people at one offering, and what customers would see of it while one types."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import ADMIN, Api
from tests.e2e.looking import found_by_axe
from tests.e2e.test_browser import choose, publish

OFFERINGS = f"{ADMIN}/offering/offering/offering"
SAVED = "You may edit it again below"
PRESSED_TWICE = """() => {
  document.querySelector('[name="_save"]').click();
  setTimeout(() => document.querySelector('[name="_continue"]')?.click(), 20);
}"""


def keeps_nobody_out(page: Page) -> None:
    assert found_by_axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize(
    "options", [{}, {"width": 360, "color_scheme": "dark"}], ids=["desk", "telephone, dark"]
)
def test_two_editors_keep_both_or_choose_and_nobody_overwrites_anybody(
    open_page,
    admin,
    draft,
    options,
):
    page = open_page("manager", **options)
    api = f"/api/v1/offerings/{draft['id']}"
    page.goto(f"{OFFERINGS}/{draft['id']}/change/")
    assert admin.patch(api, json={"description": "hers", "market_segments": ["home"]}).status_code == 200
    page.get_by_label("Name").fill(f"His {draft['name']}")
    page.get_by_role("button", name="Save and continue editing").click()
    panel = page.locator("#meanwhile")
    expect(panel).to_contain_text("admin changed this since you opened it.")
    expect(page.get_by_label("Name")).to_have_value(f"His {draft['name']}")
    keeps_nobody_out(page)
    panel.get_by_role("button", name="Keep both").click()
    expect(page.get_by_text(SAVED).first).to_be_visible()
    now = admin.get(api).json()
    assert (now["name"], now["description"], now["market_segments"]) == (
        f"His {draft['name']}",
        "hers",
        ["home"],
    )

    assert admin.patch(api, json={"description": "hers again"}).status_code == 200
    page.locator('[name="description"]').fill("his")
    page.get_by_role("button", name="Save and continue editing").click()
    panel.get_by_role("button", name="Save what I chose").click()
    expect(page.get_by_text("Choose what is kept of each field")).to_be_visible()
    expect(page.locator('[name="description"]')).to_have_value("his")
    keeps_nobody_out(page)
    panel.get_by_label("Keep theirs").check()
    panel.get_by_role("button", name="Save what I chose").click()
    expect(page.get_by_text(SAVED).first).to_be_visible()
    assert admin.get(api).json()["description"] == "hers again"


def is_added_once(page: Page, manager: Api, name: str) -> None:
    expect(page.get_by_text("was added successfully").first).to_be_visible()
    assert len(manager.get("/api/v1/offerings", params={"name": name}).json()) == 1


def begun(page: Page, name: str) -> Locator:
    """What saves an offering that is to have this name."""
    page.get_by_label("Name").fill(name)
    expect(page.locator("#store-preview")).to_contain_text(name)
    return page.get_by_role("button", name="Save", exact=True)


def test_who_presses_twice_sends_a_form_once(open_page, manager, unique):
    page = open_page("manager")
    page.goto(f"{OFFERINGS}/add/")
    begun(page, unique)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.evaluate(PRESSED_TWICE)
    is_added_once(page, manager, unique)
    assert sent.count("POST") == 1


def test_who_comes_back_or_stops_a_form_sends_it_again(open_page, manager, unique):
    page = open_page("manager")
    page.goto(f"{OFFERINGS}/add/")
    page.route("**/add/", lambda route: route.fulfill(status=502, body="Nobody is there"))
    begun(page, unique).click()
    expect(page.get_by_text("Nobody is there")).to_be_visible()
    page.unroute("**/add/")
    page.go_back()
    begun(page, unique).click()
    is_added_once(page, manager, unique)

    page.goto(f"{OFFERINGS}/add/")
    page.route("**/add/", lambda route: route.abort("aborted"))
    begun(page, f"{unique} more").click()
    page.unroute("**/add/")
    page.keyboard.press("Escape")
    begun(page, f"{unique} more").click()
    is_added_once(page, manager, f"{unique} more")


def test_what_customers_would_see_follows_what_one_types_and_is_not_saved(open_page, manager, draft, unique):
    page = open_page("manager", width=360)
    page.goto(f"{OFFERINGS}/add/")
    preview = page.locator("#store-preview")
    expect(preview).to_contain_text("A name is still needed.")
    page.get_by_label("Name").fill(f"Typed {unique}")
    expect(preview).to_contain_text(f"Typed {unique}")
    choose(page, "specification_ids", f"Line {unique}")
    expect(preview).to_contain_text("1000 Mbps")
    choose(page, "pricing_ids", f"Fee {unique}")
    expect(preview).to_contain_text("39.90 EUR per month")
    expect(preview).to_contain_text("At least one sales channel is needed.")
    page.locator('[name="valid_from_0"]').fill("someday")
    expect(preview).to_contain_text("Valid from: Enter a valid date.")
    keeps_nobody_out(page)
    assert manager.get("/api/v1/offerings", params={"search": f"Typed {unique}"}).json() == []


def test_the_store_shows_what_the_preview_showed(open_page, visitor, draft):
    page = open_page("manager")
    page.goto(f"{OFFERINGS}/{draft['id']}/change/")
    shown = page.locator("#store-preview").inner_text()
    publish(page)
    stored = page.locator("#store-preview").inner_text()
    item = visitor.get(f"/api/v1/store/offerings/{draft['id']}").json()
    (specification,), (price,) = item["specifications"], item["pricing"]
    (speed,) = specification["characteristics"]
    for part in (
        item["name"],
        specification["name"],
        f"{price['value']} {price['currency']} {price['unit']}",
        f"{speed['value']} {speed['unit_of_measure']}",
        *item["sales_channels"],
    ):
        assert part in shown
        assert part in stored
