"""Text that was made to harm: it is shown as what it is, where it is, and moves nothing beside it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ADMIN
from tests.e2e.looking import appears, open_search, say_yes, search

OVERRIDE = "\u202e"
PRICES = f"{ADMIN}/pricing/pricing/price"
HTML = "<img src=x onerror=\"document.title='harmed'\">"
PLACES = """([selector, texts]) => {
  const left = (text) => {
    for (const root of document.querySelectorAll(selector)) {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const at = walker.currentNode.data.indexOf(text);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(walker.currentNode, at);
        range.setEnd(walker.currentNode, at + text.length);
        return range.getBoundingClientRect().left;
      }
    }
    return null;
  };
  return texts.map(left);
}"""


def reads(page: Page, selector: str, *texts: str) -> None:
    """The texts stand in this order, from left to right, in the first of what the selector finds that has each."""
    expect(page.locator(selector).first).to_be_visible()
    places = page.evaluate(PLACES, [selector, list(texts)])
    assert None not in places, (texts, places)
    assert places == sorted(places), (texts, places)


@pytest.fixture
def fee(manager, unique):
    """A price whose name turns what follows it, and that was called something else for a while."""
    name = f"{unique} {OVERRIDE}evil"
    made = manager.made("prices", name=name, value="5", currency="EUR")
    for given in (f"Plain of {unique}", name):
        assert manager.patch(f"/api/v1/prices/{made['id']}", json={"name": given}).status_code == 200
    return made


def test_a_name_from_right_to_left_turns_nothing_beside_it(open_page, fee, unique):
    page = open_page("manager")
    page.goto(f"{PRICES}/?q={unique}")
    reads(page, "#result_list tr", unique, "5", "EUR")

    page.goto(f"{PRICES}/{fee['id']}/history/")
    reads(page, "#history tr:nth-child(2) li", "Name", unique, "→", "Plain of")

    page.goto(f"{PRICES}/{fee['id']}/change/")
    reads(page, "nav[aria-label='Breadcrumbs']", "Overview", "Prices", unique[1:])
    name = page.get_by_label("Name")
    expect(name).to_have_attribute("dir", "auto")
    page.get_by_label("Label").fill("each")
    page.get_by_role("button", name="Save and continue editing").click()
    reads(page, "#main li", unique, "was changed", "You may edit")
    expect(name).to_have_value(fee["name"])

    open_search(page)
    search(page, unique, page.locator("#command-results a", has_text=unique))
    reads(page, "#command-results a", unique, "•", "Prices")
    page.keyboard.press("Escape")

    page.goto(f"{PRICES}/{fee['id']}/delete/")
    say_yes(page)
    reads(page, "#main li", "The price", unique, "was deleted", "successfully")


def stays_in_the_window(page: Page) -> None:
    """All of the page is in the window from left to right, and its header with the search, too."""
    button = page.get_by_role("button", name="Search everything")
    expect(button).to_be_visible()
    box, size = button.bounding_box(), page.viewport_size
    assert box
    assert size
    assert box["x"] + box["width"] <= size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_a_long_name_moves_nothing_out_of_the_header(open_page, manager, unique):
    name = f"Monthly fee for the fibre line at home with a router, a telephone and a visit {unique}"
    fee = manager.made("prices", name=name, value="5", currency="EUR")
    page = open_page("manager")
    page.goto(f"{PRICES}/{fee['id']}/change/")
    stays_in_the_window(page)
    way = page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link", name="Prices")
    cut = "link => link.scrollWidth > link.clientWidth"
    assert not way.evaluate(cut)


@pytest.mark.parametrize("width", [1440, 360])
def test_a_word_without_an_end_goes_on_in_the_next_line(open_page, manager, unique, width):
    word = unique + "x" * 180
    speed = manager.made("characteristics", name=f"c{word}", value="v" * 200)
    line = manager.made("specifications", name=f"s{word}", characteristic_ids=[speed["id"]])
    fee = manager.made("prices", name=word, value="5", currency="EUR", unit="u" * 50)
    parts = {"specification_ids": [line["id"]], "pricing_ids": [fee["id"]]}
    offering = manager.made("offerings", name=f"o{word}", description="d" * 500, **parts)
    page = open_page("manager", width=width)
    page.goto(f"{PRICES}/{fee['id']}/change/")
    appears(page.locator("#where-used", has_text=f"o{word}"))
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    stays_in_the_window(page)
    for path in ("history", "delete"):
        page.goto(f"{PRICES}/{fee['id']}/{path}/")
        stays_in_the_window(page)
    page.goto(f"{ADMIN}/offering/offering/offering/{offering['id']}/change/")
    preview = page.locator("#store-preview")
    expect(preview).to_contain_text(f"c{word}")
    stays_in_the_window(page)
    assert preview.evaluate("shown => shown.scrollWidth <= shown.clientWidth")


def test_letters_from_right_to_left_are_typed_from_the_right(open_page):
    page = open_page("manager")
    page.goto(f"{ADMIN}/characteristic/characteristic/characteristic/add/")
    page.get_by_label("Name").fill("סיב אופטי")
    direction = "field => getComputedStyle(field).direction"
    assert page.get_by_label("Name").evaluate(direction) == "rtl"
    page.get_by_role("button", name="Add a value").click()
    value = page.locator('[name="values-0-value"]')
    value.fill("سريع")
    assert value.evaluate(direction) == "rtl"
    value.fill("fast")
    assert value.evaluate(direction) == "ltr"


def test_html_in_a_name_is_letters_wherever_it_is_shown(open_page, manager, unique):
    made = manager.made("prices", name=f"{unique} {HTML}", value="5", currency="EUR")
    page = open_page("manager")
    for path in (f"?q={unique}", f"{made['id']}/change/", f"{made['id']}/history/", f"{made['id']}/delete/"):
        page.goto(f"{PRICES}/{path}")
        expect(page.locator('img[src="x"]')).to_have_count(0)
    open_search(page)
    search(page, unique, page.locator("#command-results").get_by_text(HTML))

    page.goto(f"{PRICES}/import/")
    quoted = HTML.replace(chr(34), chr(34) * 2)
    rows = f'name,value,currency\n"{unique} {quoted} b",5,EUR\n"{quoted}",-1,EUR\n'
    page.locator('input[name="file"]').set_input_files(
        {"name": "<b>prices.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    page.get_by_role("button", name="Make the preview").click()
    expect(page.locator("#exchange-panel").get_by_text("Preview ready")).to_be_visible()
    expect(page.locator("#exchange-rows")).to_contain_text(HTML)
    expect(page.locator('img[src="x"], #exchange-rows b')).to_have_count(0)
    assert page.title() != "harmed"


@pytest.mark.parametrize("letter", ["x", "ü"])
def test_a_megabyte_in_a_field_is_an_error_there_and_is_not_lost(open_page, unique, letter):
    page = open_page("manager")
    page.goto(f"{ADMIN}/specification/specification/specification/add/")
    text = letter * (1_048_576 // len(letter.encode()))
    page.get_by_label("Name").fill(unique)
    page.get_by_label("Description").fill(text)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("Ensure this field has no more than 10000 characters.")).to_be_visible()
    assert page.get_by_label("Description").input_value() == text
    expect(page.get_by_label("Name")).to_have_value(unique)


def test_a_characteristic_of_500_values_is_saved_in_the_browser(open_page, manager, unique):
    made = manager.made(
        "characteristics",
        name=f"Many {unique}",
        unit_of_measure="Mbps",
        values=[{"value": str(number), "is_default": number == 3} for number in range(500)],
    )
    page = open_page("manager")
    page.goto(f"{ADMIN}/characteristic/characteristic/characteristic/{made['id']}/change/")
    page.locator('[name="values-499-value"]').fill("1000")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("You may edit it again below").first).to_be_visible()
    values = manager.get(f"/api/v1/characteristics/{made['id']}").json()["values"]
    assert (len(values), values[-1]["value"]) == (500, "1000")
