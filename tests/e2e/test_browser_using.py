"""Where something is used, and its history, in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ADMIN, Api
from tests.e2e.looking import appears, say_yes
from tests.e2e.test_browser_editing import keeps_nobody_out
from tests.e2e.test_browser_lists import ROW

LISTS = {
    "characteristics": f"{ADMIN}/characteristic/characteristic/characteristic/",
    "prices": f"{ADMIN}/pricing/pricing/price/",
}
MANY = 12


@pytest.fixture
def fee(manager: Api, unique: str) -> dict[str, Any]:
    """A price that more offerings use than its page lists."""
    made = manager.made("prices", name=f"Fee {unique}", value="5.00", currency="EUR")
    for number in range(MANY):
        manager.made("offerings", name=f"Fibre {unique} {number:02}", pricing_ids=[made["id"]])
    return made


def choose_all(page: Page, action: str) -> None:
    page.locator("input#action-toggle").check()
    page.locator('select[name="action"]').select_option(action)
    page.get_by_role("button", name="Run", exact=True).click()


def test_where_it_is_used_leads_to_all_of_them_and_back_to_the_whole_list(open_page, fee, unique):
    page = open_page("viewer", color_scheme="dark")
    page.goto(f"{LISTS['prices']}{fee['id']}/change/")
    used = page.locator("#where-used")
    appears(used.get_by_role("link", name=f"Fibre {unique} 00"))
    expect(used).not_to_contain_text("can be deleted")
    page.evaluate("document.fonts.ready.then(() => null)")
    first, second = (used.get_by_role("link", name=f"Fibre {unique} 0{n}").bounding_box() for n in (0, 1))
    assert first
    assert second
    assert second["x"] - first["x"] - first["width"] >= 12, "the names run together"
    page.set_viewport_size({"width": 360, "height": 900})
    keeps_nobody_out(page)
    used.get_by_role("link", name=f"All {MANY}").click()
    expect(page.locator(ROW)).to_have_count(MANY)
    keeps_nobody_out(page)
    page.get_by_role("link", name=f"Only with price {fee['name']}").click()
    expect(page).not_to_have_url(re.compile("pricing_id"))


def test_what_is_used_is_not_deleted_and_the_page_says_by_what_it_is_used(open_page, manager, fee, unique):
    page = open_page("manager", width=360)
    page.goto(f"{LISTS['prices']}{fee['id']}/change/")
    page.get_by_role("link", name="Delete price").click()
    for _ in range(2):
        staying = page.locator("#staying")
        appears(staying.get_by_role("link", name=f"Fibre {unique} 00"))
        expect(staying).to_contain_text("This cannot be deleted:")
        expect(staying).to_contain_text("It is used.")
        expect(staying.get_by_role("link", name=f"All {MANY}")).to_be_visible()
        expect(page.get_by_role("button", name="Yes, I’m sure")).to_have_count(0)
        keeps_nobody_out(page)
        page.goto(f"{LISTS['prices']}?q={unique}")
        choose_all(page, "delete_selected")
    assert manager.get(f"/api/v1/prices/{fee['id']}").status_code == 200


def test_what_nobody_uses_is_deleted_after_a_question(open_page, manager, unique):
    made = [manager.made("characteristics", name=f"Speed {unique} {letter}") for letter in "AB"]
    page = open_page("manager")
    page.goto(f"{LISTS['characteristics']}{made[0]['id']}/change/")
    appears(page.locator("#where-used", has_text="Nothing uses it: it can be deleted."))
    page.goto(f"{LISTS['characteristics']}?q={unique}")
    choose_all(page, "delete_selected")
    going = page.locator("#going")
    for one in made:
        appears(going.get_by_text(one["name"]))
    expect(going).to_contain_text("This will be deleted, for good:")
    keeps_nobody_out(page)
    say_yes(page)
    expect(page.get_by_text("Delete: 2 of 2")).to_be_visible()
    assert {manager.get(f"/api/v1/characteristics/{one['id']}").status_code for one in made} == {404}


def test_two_versions_are_compared_and_an_old_one_begins_a_new_row(open_page, manager, unique):
    made = manager.made("prices", name=f"Fee {unique}", value="5.00", currency="EUR")
    api = f"/api/v1/prices/{made['id']}"
    for change in ({"value": "6.00"}, {"unit": "each"}, {"value": "7.00"}):
        assert manager.patch(api, json=change).status_code == 200
    page = open_page("manager", width=360)
    page.goto(f"{LISTS['prices']}{made['id']}/history/")
    page.get_by_label("First: version 1").check()
    page.get_by_label("Second: version 3").check()
    page.get_by_role("button", name="Compare the chosen two").click()
    compared = page.locator("#comparison")
    for field, before, after in (("Amount", "5.00", "6.00"), ("Label", "-", "each")):
        row = compared.get_by_role("row", name=field)
        expect(row.get_by_role("cell")).to_have_text([before, after])
    expect(compared).not_to_contain_text("7.00")
    keeps_nobody_out(page)

    page.locator("#history tr", has=page.get_by_label("First: version 1")).get_by_role(
        "link", name="New from this"
    ).click()
    expect(page.get_by_label("Amount")).to_have_value("5.00")
    page.get_by_label("Name").fill(f"New fee {unique}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully").first).to_be_visible()
    (new,) = manager.get("/api/v1/prices", params={"name": f"New fee {unique}"}).json()
    assert (new["value"], new["unit"]) == ("5.00", "")
    assert manager.get(api).json()["value"] == "7.00"


def test_what_was_deleted_is_found_and_made_anew(open_page, manager, unique):
    made = manager.made("prices", name=f"Fee {unique}", value="5.00", currency="EUR")
    page = open_page("manager")
    page.goto(f"{LISTS['prices']}{made['id']}/delete/")
    say_yes(page)
    expect(page.get_by_text("was deleted successfully").first).to_be_visible()
    page.get_by_role("link", name="Deleted", exact=True).first.click()
    page.locator("#deleted tr", has_text=unique).get_by_role("link", name="History").click()
    page.locator("#history").get_by_role("link", name="New from this").click()
    expect(page.get_by_label("Amount")).to_have_value("5.00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully").first).to_be_visible()
    (anew,) = manager.get("/api/v1/prices", params={"name": f"Fee {unique}"}).json()
    assert anew["id"] != made["id"]
