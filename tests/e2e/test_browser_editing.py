"""Editing in a real browser: two people at one offering, and what customers would see of it while one types."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ADMIN
from tests.e2e.looking import found_by_axe
from tests.e2e.test_browser import choose, publish

OFFERINGS = f"{ADMIN}/offering/offering/offering"
SAVED = "You may edit it again below"


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
