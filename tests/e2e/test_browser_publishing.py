"""Publishing in a real browser: what is on the screen is what is published, and how it goes is seen to the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from apps.saga.client import Engine
from apps.saga.faults import Fault, plant, withdraw
from config import env
from tests.e2e.conftest import ADMIN, Api, fetched
from tests.e2e.looking import appears
from tests.e2e.test_browser import choose, publish
from tests.e2e.test_browser_editing import SAVED, keeps_nobody_out
from tests.support.waiting import eventually

OFFERINGS = f"{ADMIN}/offering/offering/offering"
SAVE_FIRST = "Save first: there are changes that are not saved."
FAULTY = ("validate-specifications", "create-store-entry", "confirm-publication")


@pytest.fixture
def faulty(draft: dict[str, Any]) -> Iterator[Callable[..., None]]:
    """``faulty("create-store-entry", Fault.REFUSE)``: so does that step of the draft's publication."""
    yield lambda topic, fault, times=1: plant(topic, fault, times, offering_id=draft["id"])
    for topic in FAULTY:
        withdraw(topic, offering_id=draft["id"])


def opened(page: Page, offering: dict[str, Any]) -> Locator:
    """The panel of an offering's form."""
    page.goto(f"{OFFERINGS}/{offering['id']}/change/")
    return page.locator("#publication-panel")


def button(panel: Locator, name: str = "Publish") -> Locator:
    return panel.get_by_role("button", name=name, exact=True)


def is_asked_to_save(panel: Locator) -> None:
    expect(button(panel)).to_be_disabled()
    expect(panel.get_by_text(SAVE_FIRST)).to_be_visible()


def status(api: Api, offering: dict[str, Any]) -> str:
    return str(api.get(f"/api/v1/offerings/{offering['id']}").json()["lifecycle_status"])


def step(page: Page, name: str) -> Locator:
    return page.locator(f'[data-step="{name}"]')


@pytest.fixture
def dear(manager: Api, unique: str) -> dict[str, Any]:
    return manager.made("prices", name=f"Dear {unique}", value="99.00", currency="EUR")


def test_a_price_that_is_swapped_is_published_and_never_the_one_before(
    open_page, manager, visitor, draft, dear
):
    page = open_page("manager", width=360)
    panel = opened(page, draft)
    expect(button(panel)).to_be_enabled()
    expect(panel.get_by_text(SAVE_FIRST)).to_be_hidden()
    page.locator('[name="pricing_ids"] + .select2 .select2-selection__choice__remove').first.click()
    is_asked_to_save(panel)
    page.keyboard.press("Escape")
    choose(page, "pricing_ids", dear["name"])
    is_asked_to_save(panel)
    keeps_nobody_out(page)
    button(panel).click(force=True)
    assert status(manager, draft) == "DRAFT"
    panel.locator("summary", has_text="Publish later…").click()
    expect(button(panel, "Schedule the publication")).to_be_disabled()

    button(panel, "Save").click()
    expect(page.get_by_text(SAVED).first).to_be_visible()
    publish(page)
    item = visitor.get(f"/api/v1/store/offerings/{draft['id']}").json()
    assert [price["value"] for price in item["pricing"]] == ["99.00"]


UNCHOOSE = """select => {
  select.options[0].selected = false;
  select.dispatchEvent(new Event("change", {bubbles: true}));
}"""


def test_what_is_typed_back_needs_no_saving(open_page, draft):
    page = open_page("manager")
    panel = opened(page, draft)
    page.get_by_label("Name").press_sequentially("!")
    assert button(panel).is_disabled(), "at once"
    is_asked_to_save(panel)
    page.get_by_label("Name").press("Backspace")
    expect(button(panel)).to_be_enabled()
    expect(panel.get_by_text(SAVE_FIRST)).to_be_hidden()
    page.locator('[name="pricing_ids"]').evaluate(UNCHOOSE)
    assert button(panel).is_disabled(), "at once"


def test_rows_that_are_added_or_moved_are_to_be_saved(open_page, manager, draft, unique):
    members = [manager.made("offerings", name=f"Member {unique} {letter}") for letter in "AB"]
    bundle = manager.made(
        "offerings",
        name=f"Bundle {unique}",
        is_bundle=True,
        bundled_offerings=[{"id": member["id"]} for member in members],
        pricing_ids=draft["pricing_ids"],
        sales_channels=["web"],
    )
    page = open_page("manager")
    panel = opened(page, bundle)
    expect(button(panel)).to_be_enabled()
    page.locator('.suite-rows:has([name^="bundled_offerings-"]) [data-rows="down"]').first.click()
    assert button(panel).is_disabled(), "at once"
    is_asked_to_save(panel)
    panel = opened(page, bundle)
    page.get_by_role("button", name="Fix a value").click()
    is_asked_to_save(panel)


def test_a_day_that_a_shortcut_put_in_is_to_be_saved(open_page, draft):
    page = open_page("manager")
    panel = opened(page, draft)
    page.locator("#id_valid_from_0 + .datetimeshortcuts [id^=calendarlink]").click()
    page.locator(".calendarbox").get_by_role("link", name="Today").click()
    expect(page.locator('[name="valid_from_0"]')).not_to_have_value("")
    is_asked_to_save(panel)


def test_what_changed_unnoticed_is_noticed_before_it_is_too_late(open_page, manager, draft):
    page = open_page("manager")
    panel = opened(page, draft)
    page.evaluate("document.getElementById('id_name').value += '!'")  # no event tells of it
    panel.locator("form").first.evaluate("form => form.requestSubmit()")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("Name")).to_have_value(f"{draft['name']}!")
    is_asked_to_save(panel)
    assert status(manager, draft) == "DRAFT"


def test_a_panel_that_is_renewed_still_asks(open_page, draft):
    page = open_page("manager")
    panel = opened(page, draft)
    page.get_by_label("Name").fill("Other")
    is_asked_to_save(panel)
    page.evaluate("htmx.ajax('GET', '../panel/', {target: '#publication-panel', swap: 'outerHTML'})")
    page.wait_for_load_state("networkidle")
    is_asked_to_save(panel)


EARLY = """document.addEventListener("DOMContentLoaded", () => {
  const name = document.getElementById("id_name");
  if (name) name.value += " again";
});"""


def test_what_a_browser_puts_back_is_to_be_saved(open_page, draft):
    page = open_page("manager")
    page.on("dialog", lambda dialog: dialog.accept())
    panel = opened(page, draft)
    page.get_by_label("Name").fill(f"{draft['name']} again")
    page.goto(f"{ADMIN}/")
    page.go_back()
    expect(page.get_by_label("Name")).to_have_value(f"{draft['name']} again")
    is_asked_to_save(panel)
    page.goto(f"{ADMIN}/")
    page.add_init_script(EARLY)  # before any script of the page
    is_asked_to_save(opened(page, draft))


def test_what_was_refused_when_saved_is_to_be_saved(open_page, draft):
    page = open_page("manager")
    opened(page, draft)
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    is_asked_to_save(page.locator("#publication-panel"))


def test_several_are_published_from_the_list(open_page, manager, draft, unique):
    names = [draft["name"], f"Second {unique}"]
    second = manager.made(
        "offerings",
        name=names[1],
        **{name: draft[name] for name in ("specification_ids", "pricing_ids", "sales_channels")},
    )
    page = open_page("manager")
    page.goto(f"{OFFERINGS}/?q={unique}")
    for name in names:
        page.locator("tr", has_text=name).locator("input.action-select").check()
    page.locator('select[name="action"]').select_option("publish")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Publish: 2 of 2")).to_be_visible()
    for offering in (draft, second):
        assert manager.settled(offering["id"])["lifecycle_status"] == "PUBLISHED"
    page.reload()
    for name in names:
        expect(page.locator("tr", has_text=name).get_by_text("Published", exact=True)).to_be_visible()


def test_a_publication_that_fails_says_why_and_what_was_undone_also_tomorrow(
    open_page, manager, visitor, draft, faulty
):
    faulty("confirm-publication", Fault.REFUSE)
    page = open_page("manager")
    panel = opened(page, draft)
    button(panel).click()
    for _ in range(2):
        expect(panel.get_by_text("The last publication failed: planted: refused")).to_be_visible()
        for name, state in (
            ("claim-publication", "completed"),
            ("lock-prices", "undone"),
            ("create-store-entry", "undone"),
            ("confirm-publication", "refused"),
            ("revert-to-draft", "completed"),
        ):
            expect(step(page, name)).to_have_attribute("data-state", state)
        expect(step(page, "confirm-publication")).to_contain_text("planted: refused")
        expect(step(page, "confirm-publication")).to_contain_text("began")
        expect(button(panel)).to_be_enabled()
        keeps_nobody_out(page)
        page.reload()
    assert visitor.get(f"/api/v1/store/offerings/{draft['id']}").status_code == 404
    publish(page)


def test_a_running_publication_is_followed_and_cancelled(open_page, manager, admin, draft, faulty):
    faulty("create-store-entry", Fault.ERROR, 500)
    page = open_page("manager")
    panel = opened(page, draft)
    button(panel).click()
    expect(step(page, "lock-prices")).to_have_attribute("data-state", "completed")
    failing = step(page, "create-store-entry")
    expect(failing).to_have_attribute("data-state", "failing")
    expect(failing).to_contain_text("so far")
    expect(failing).to_contain_text("planted: a technical error")
    expect(button(panel, "Try again")).to_have_count(0)
    expect(panel).to_contain_text("Read-only until this ends.")

    price = open_page("viewer")
    price.goto(f"{ADMIN}/pricing/pricing/price/{draft['pricing_ids'][0]}/change/")
    appears(price.get_by_text("because manager is publishing this:"))
    price.get_by_role("link", name=draft["name"]).first.click()
    expect(price).to_have_url(f"{OFFERINGS}/{draft['id']}/change/")
    expect(price.get_by_role("link", name="Process in Cockpit")).to_have_count(0)

    button(panel, "Cancel the publication").click()
    expect(panel.get_by_text("The last publication failed: Cancelled by manager.")).to_be_visible()
    expect(step(page, "lock-prices")).to_have_attribute("data-state", "undone")
    expect(page.get_by_label("Name")).to_be_editable()
    assert status(manager, draft) == "DRAFT"


def at_a_failing_step(open_page, draft, faulty) -> tuple[Page, Locator]:
    """A page of the draft, and the panel in it, whose publication was begun there and comes no further for now."""
    faulty("create-store-entry", Fault.ERROR, 500)
    page = open_page("manager")
    panel = opened(page, draft)
    button(panel).click()
    expect(step(page, "create-store-entry")).to_have_attribute("data-state", "failing")
    return page, panel


def stand_still(process_id: str) -> None:
    """Take all its tries from the step that fails, and the step from the worker that may be at it: it waits for
    somebody."""
    tasks = f"{env.part_url('camunda')}/external-task"
    asked = {"processInstanceId": process_id}

    def stands() -> bool:
        for task in fetched(tasks, params=asked).json():
            httpx.put(f"{tasks}/{task['id']}/retries", json={"retries": 0}, timeout=60)
            httpx.post(f"{tasks}/{task['id']}/unlock", timeout=60)  # else who is at it gives it new tries
        is_nobodys = [
            (task["retries"], task["workerId"]) == (0, None) for task in fetched(tasks, params=asked).json()
        ]
        return all(is_nobodys) and bool(Engine().incidents(process_id))

    eventually(stands, why="no incident")


def test_what_stands_on_an_incident_is_tried_again_by_a_click(open_page, manager, draft, faulty):
    _, panel = at_a_failing_step(open_page, draft, faulty)
    stand_still(manager.publication(draft["id"])["process_id"])
    withdraw("create-store-entry", offering_id=draft["id"])
    expect(panel).to_contain_text("not tried again by itself any more")
    button(panel, "Try again").click()
    published = panel.get_by_text("Published", exact=True)
    expect(published).to_be_visible()


def renewals(page: Page, times: int) -> None:
    """Wait until a live panel has asked for its renewal that often."""
    for _ in range(times):
        with page.expect_response(lambda answer: "/panel/" in answer.url):
            pass


NOTE_WHO_IS_AT_IT = """() => {
  window.atIt = [];
  document.addEventListener("htmx:afterSwap", () => window.atIt.push(document.activeElement.textContent.trim()));
}"""


def test_who_is_at_a_button_of_the_panel_stays_there_while_it_renews_itself(open_page, draft, faulty):
    page, panel = at_a_failing_step(open_page, draft, faulty)
    cancel = button(panel, "Cancel the publication")
    cancel.focus()
    page.evaluate(NOTE_WHO_IS_AT_IT)
    page.wait_for_function("window.atIt.length > 2")
    assert set(page.evaluate("window.atIt")) == {"Cancel the publication"}, "at every moment"
    expect(cancel).to_be_focused()
    expect(page.locator("#suite-said")).to_have_text(re.compile("Being published, Prepare the store entry"))
    page.keyboard.press("Enter")
    expect(panel.get_by_text("Draft", exact=True)).to_be_visible()
    expect(panel).to_contain_text("Cancelled by manager.")


@pytest.mark.parametrize("device", ["mouse", "keyboard"])
def test_who_holds_a_button_of_the_panel_for_long_has_pressed_it(open_page, draft, faulty, device):
    page, panel = at_a_failing_step(open_page, draft, faulty)
    cancel = button(panel, "Cancel the publication")
    if device == "mouse":
        cancel.hover()
        page.mouse.down()
        renewals(page, 2)
        page.mouse.up()
    else:
        cancel.focus()
        page.keyboard.down(" ")
        renewals(page, 2)
        page.keyboard.up(" ")
    expect(panel.get_by_text("Draft", exact=True)).to_be_visible()
    expect(panel).to_contain_text("Cancelled by manager.")


def test_a_panel_that_was_held_renews_itself_again(open_page, draft, faulty):
    page, panel = at_a_failing_step(open_page, draft, faulty)
    panel.get_by_text("Read-only until this ends.").hover()
    page.mouse.down()
    panel.evaluate("panel => { panel.isHeld = true }")
    renewals(page, 2)
    assert panel.evaluate("panel => panel.isHeld")
    page.mouse.up()
    page.wait_for_function("!document.getElementById('publication-panel').isHeld")


def test_who_operates_sees_the_process_while_it_runs_and_the_glass_box_afterwards(
    open_page, admin, draft, faulty
):
    faulty("create-store-entry", Fault.ERROR, 500)
    page = open_page("admin")
    panel = opened(page, draft)
    button(panel).click()
    expect(panel.get_by_role("link", name="Process in Cockpit")).to_be_visible()
    withdraw("create-store-entry", offering_id=draft["id"])
    expect(panel.get_by_text("Published", exact=True)).to_be_visible()
    expect(step(page, "finish-publication")).to_have_attribute("data-state", "completed")
    expect(panel.get_by_role("link", name="Process in Cockpit")).to_have_count(0)
    panel.get_by_role("link", name="Glass box").click()
    expect(page.get_by_text("All of it is done.")).to_be_visible()


@pytest.mark.parametrize("door", ["panel", "list"])
def test_what_is_sold_is_retired_after_a_question(open_page, manager, draft, unique, door):
    manager.post(f"/api/v1/offerings/{draft['id']}/publish")
    assert manager.settled(draft["id"])["lifecycle_status"] == "PUBLISHED"
    bundle = manager.made(
        "offerings", name=f"Duo {unique}", bundled_offerings=[{"id": draft["id"]}], is_bundle=True
    )
    page = open_page("manager", width=360)
    for answer in ("No, take me back", "Yes, I’m sure"):
        if door == "panel":
            opened(page, draft).get_by_role("link", name="Retire", exact=True).click()
        else:
            page.goto(f"{OFFERINGS}/?q={draft['name']}")
            page.locator("tr", has_text=draft["name"]).locator("input.action-select").check()
            page.locator('select[name="action"]').select_option("retire")
            page.get_by_role("button", name="Run", exact=True).click()
        going = page.locator("#going")
        appears(going.get_by_role("link", name=bundle["name"]))
        expect(going).to_contain_text("This will be retired, for good")
        expect(going.get_by_role("link", name=draft["name"])).to_be_visible()
        keeps_nobody_out(page)
        assert status(manager, draft) == "PUBLISHED"
        page.get_by_role("link", name=answer).or_(page.get_by_role("button", name=answer)).click()
        expect(going).to_have_count(0)
    assert status(manager, draft) == "RETIRED"
