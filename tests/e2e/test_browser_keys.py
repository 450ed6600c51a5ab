"""The admin without a mouse, and its one search where there is no Ctrl-K: on a telephone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from config import env
from tests.e2e.conftest import ADMIN, PAGE_MS
from tests.e2e.looking import found_by_axe, open_search, search
from tests.e2e.test_browser import is_offered

FURTHEST = 120
"""Presses of Tab from one end of a page to the other, at most."""
FOCUSED = """(() => {
  const at = document.activeElement;
  if (at === document.body) return "";
  return (at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent).trim().replace(/\\s+/g, " ");
})()"""


def walk_to(page: Page, name: str) -> None:
    """Press Tab until what has this name has the focus; Unfold hides a page until its scripts have run."""
    page.wait_for_load_state("load")
    for _ in range(FURTHEST):
        page.keyboard.press("Tab")
        if re.fullmatch(name, page.evaluate(FOCUSED)):
            return
    raise AssertionError(f"no key leads to {name}")


def press(page: Page, name: str, key: str = "Enter") -> None:
    walk_to(page, name)
    page.keyboard.press(key)


def test_who_has_no_mouse_signs_in_saves_publishes_and_signs_out(chrome, manager, draft):
    context = chrome.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PAGE_MS)
    page.goto(f"{ADMIN}/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type("manager")
    page.keyboard.press("Tab")
    page.keyboard.type(env.secret("MANAGER_PASSWORD"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{ADMIN}/")

    open_search(page)
    search(page, draft["name"], page.locator("#command-results li.active", has_text=draft["name"]))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{draft['id']}/change/"))
    walk_to(page, r"Description.*")
    page.keyboard.type("By keys alone.")
    press(page, "Save and continue editing")
    expect(page.get_by_text("You may edit it again below").first).to_be_visible()
    press(page, "Publish")
    published = page.locator("#publication-panel").get_by_text("Published", exact=True)
    expect(published).to_be_visible()
    assert manager.get(f"/api/v1/offerings/{draft['id']}").json()["description"] == "By keys alone."

    press(page, ".*Signed in as manager.*", " ")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    press(page, "Log out.*")
    expect(page).to_have_url(re.compile("/admin/login/"))
    context.close()


def test_the_menu_below_ones_name_says_whether_it_is_open_and_escape_closes_it(open_page):
    page = open_page("manager")
    button = page.get_by_role("button", name="Signed in as manager")
    menu = page.locator("#user-menu")
    expect(button).to_have_attribute("aria-expanded", "false")
    for key in ("Enter", " "):
        button.focus()
        page.keyboard.press(key)
        expect(button).to_have_attribute("aria-expanded", "true")
        expect(menu.get_by_role("button", name="Log out")).to_be_visible()
        walk_to(page, ".*Dark")
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()
        expect(button).to_be_focused()
    button.press("Enter")
    expect(menu).to_be_visible()
    press(page, ".*Dark")
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    press(page, "English.*")
    expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_a_telephone_has_a_button_for_the_search_and_a_hit_is_opened(open_page, draft, color_scheme):
    page = open_page("viewer", width=360, color_scheme=color_scheme, has_touch=True)
    page.goto(f"{ADMIN}/pricing/pricing/price/")
    button = page.get_by_role("button", name="Search everything")
    box = button.bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= box["x"] + box["width"] <= 360
    button.tap()
    dialog = page.get_by_role("dialog", name="Search everything")
    hit = dialog.get_by_role("link", name=draft["name"])
    search(page, draft["name"], hit)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert found_by_axe(page) == []
    hit.tap()
    expect(page).to_have_url(re.compile(f"{draft['id']}/change/"))


def test_the_search_is_seen_with_its_keys_which_work_within_a_field_too(open_page, unique, manager):
    for letter in "ab":
        manager.made("prices", name=f"Fee {unique} {letter}", value="5", currency="EUR")
    page = open_page("manager")
    page.goto(f"{ADMIN}/pricing/pricing/price/add/")
    expect(page.get_by_role("button", name="Search everything").get_by_text("Ctrl K")).to_be_visible()
    page.get_by_label("Name").fill("typed")
    open_search(page)
    dialog = page.get_by_role("dialog", name="Search everything")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Name")).to_be_focused()
    open_search(page)
    search(page, f"nothing {unique}", dialog.get_by_text("Nothing matched your search"))
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    open_search(page)
    expect(page.locator("#command-results li")).to_have_count(0)
    search(page, unique, page.locator("#command-results li:nth-child(2):last-child"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("#command-results li.active")).to_contain_text(f"{unique} b")
    expect(dialog.get_by_role("status").first).to_have_text(f"Fee {unique} b")
    page.on("dialog", lambda asked: asked.accept())  # what was typed is left
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_have_value(f"Fee {unique} b")


def take(page: Page, text: str) -> None:
    """Of the autocomplete that has the focus the first that is found by some letters."""
    page.keyboard.type(text)
    option = page.locator(".select2-results__option--highlighted")
    expect(option).to_contain_text(re.compile(re.escape(text), re.IGNORECASE))
    page.keyboard.press("Enter")


def test_who_has_no_mouse_composes_a_bundle(open_page, manager, draft, unique):
    fee = manager.made("prices", name=f"Duo fee {unique}", value="5", currency="EUR")
    page = open_page("manager")
    page.goto(f"{ADMIN}/offering/offering/offering/add/")
    is_offered(page, "pricing_ids", fee["name"])
    walk_to(page, r"Name.*")
    page.keyboard.type(f"Duo {unique}")
    press(page, r"Is bundle.*", " ")
    press(page, r".*Add a member")
    page.keyboard.press("Enter")  # the new row has the focus: its choice opens
    take(page, draft["name"])
    walk_to(page, r"Prices.*")
    take(page, fee["name"])
    walk_to(page, r"Sales channels.*")
    take(page, "web")
    press(page, "Save and continue editing")
    expect(page.get_by_text("You may edit it again below").first).to_be_visible()
    (made,) = manager.get("/api/v1/offerings", params={"name": f"Duo {unique}"}).json()
    assert [one["id"] for one in made["bundled_offerings"]] == [draft["id"]]
    assert (made["pricing_ids"], made["sales_channels"]) == ([fee["id"]], ["web"])
