"""A list of the admin in a real browser: kept filters, chosen columns, several rows at once, and all by keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ADMIN, Api
from tests.e2e.looking import found_by_axe

PRICES = f"{ADMIN}/pricing/pricing/price/"
ROW = "#result_list tr.data-row"


@pytest.fixture
def fees(manager: Api, unique: str) -> list[dict[str, Any]]:
    """Three prices that one search finds."""
    return [
        manager.made("prices", name=f"Fee {unique} {letter}", value="5.00", currency="EUR")
        for letter in "ABC"
    ]


def menu(page: Page, name: str) -> None:
    """Open one of the list's menus."""
    page.locator("summary").filter(has_text=name).click()


def focused(page: Page) -> str:
    """The text of what has the focus."""
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_a_filter_is_kept_and_columns_are_chosen(open_page: Callable[..., Page], fees, unique):
    page = open_page("manager")
    page.goto(f"{PRICES}?q={unique}")
    menu(page, "Saved filters")
    page.get_by_label("Keep what the list shows now as").fill(f"Mine {unique}")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.goto(PRICES)
    menu(page, "Saved filters")
    page.get_by_role("link", name=f"Mine {unique}").click()
    expect(page.locator(ROW)).to_have_count(len(fees))

    menu(page, "Columns")
    page.get_by_label("Tax rate", exact=True).check()
    page.get_by_label("Version", exact=True).uncheck()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("th.column-tax_rate")).to_be_visible()
    expect(page.locator("th.column-version")).to_have_count(0)
    expect(page.locator(ROW)).to_have_count(len(fees))
    menu(page, "Columns")
    page.get_by_role("button", name="As at first").click()
    expect(page.locator("th.column-version")).to_be_visible()


def test_several_rows_are_selected_by_keys_looked_at_and_changed(open_page, manager: Api, fees, unique):
    page = open_page("manager")
    page.goto(f"{PRICES}?q={unique}")
    for key in ("j", "x", "j", "ArrowDown", "x"):
        page.keyboard.press(key)
    expect(page.locator("input.action-select:checked")).to_have_count(2)
    page.locator('select[name="action"]').select_option("bulk_edit")
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator("#bulk-unit").get_by_role("textbox").fill("once")
    page.get_by_role("button", name="Preview: Label").click()
    expect(page.get_by_role("status")).to_contain_text("2 would change")
    page.get_by_role("button", name="Change these 2").click()
    expect(page.get_by_role("status")).to_contain_text("2 changed")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator(ROW)).to_have_count(len(fees))
    units = [manager.get(f"/api/v1/prices/{fee['id']}").json()["unit"] for fee in fees]
    assert units == ["once", "", "once"]


def test_the_keys_open_add_and_search_and_leave_typing_alone(open_page, fees, unique):
    page = open_page("manager")
    page.goto(f"{PRICES}?q={unique}")
    page.keyboard.press("k")
    assert focused(page) == fees[-1]["name"]
    page.keyboard.press("k")
    assert focused(page) == fees[-2]["name"]
    page.keyboard.press("Shift+?")
    expect(page.locator("#keys")).to_be_visible()
    expect(page.locator("#keys")).to_contain_text("Select the row")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("jkxn")
    expect(page.locator("#searchbar")).to_have_value(re.compile("jkxn"))
    page.goto(f"{PRICES}?q={unique}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{fees[0]['id']}/change/"))
    page.goto(PRICES)
    page.keyboard.press("n")
    expect(page).to_have_url(f"{PRICES}add/")


def test_single_letters_can_be_switched_off(open_page, fees, unique):
    page = open_page("manager")
    page.goto(f"{PRICES}?q={unique}")
    page.keyboard.press("Shift+?")
    page.get_by_label("Rows go by single letters").uncheck()
    page.goto(f"{PRICES}?q={unique}")
    page.keyboard.press("j")
    assert page.locator(f"{ROW} a:focus").count() == 0


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_nothing_about_a_list_keeps_anybody_out(open_page, fees, unique, color_scheme):
    page = open_page("manager", color_scheme=color_scheme, width=1440)
    page.goto(f"{PRICES}?q={unique}")
    wrong = {}
    for name in ("Saved filters", "Columns"):
        menu(page, name)
        wrong[name] = found_by_axe(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+?")
    wrong["keys"] = found_by_axe(page)
    page.keyboard.press("Escape")
    page.goto(f"{PRICES}?q={unique}")
    for key in ("j", "x"):
        page.keyboard.press(key)
    page.locator('select[name="action"]').select_option("bulk_edit")
    page.get_by_role("button", name="Run", exact=True).click()
    wrong["choose"] = found_by_axe(page)
    page.locator("#bulk-unit").get_by_role("textbox").fill(f"per {color_scheme}")
    page.get_by_role("button", name="Preview: Label").click()
    wrong["preview"] = found_by_axe(page)
    assert {name: found for name, found in wrong.items() if found} == {}


def test_a_telephone_shows_the_menus_and_a_bulk_edit_without_scrolling_sideways(open_page, fees, unique):
    page = open_page("manager", width=360)
    page.goto(f"{PRICES}?q={unique}")
    for name in ("Saved filters", "Columns"):
        menu(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
