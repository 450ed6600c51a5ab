"""The admin in a real browser, as a catalog manager uses it: from the sign-in to a bundle that customers find."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, expect

from apps.core import clock
from config.services import SERVICES
from tests.e2e.conftest import ADMIN, BASE, Api
from tests.e2e.looking import appears, found_by_axe, open_search, search
from tests.support.waiting import eventually

KEY_PAGES = (
    "/",
    "/offering/offering/offering/",
    "/offering/offering/offering/add/",
    "/specification/specification/specification/add/",
    "/characteristic/characteristic/characteristic/add/",
    "/pricing/pricing/price/add/",
    "/offering/offering/publication/",
    "/offering/offering/scheduledchange/",
    "/offering/offering/offering/import/",
    "/offering/offering/offering/export/",
    "/offering/exchange/job/",
)


def is_offered(page: Page, name: str, text: str) -> None:
    """Wait until an autocomplete would find this: what was made in another service a moment ago comes as an event, and
    who has typed all of its name is not answered a second time."""
    url = page.locator(f'[name="{name}"]').first.get_attribute("data-ajax--url")
    if url:  # else what one types is taken
        eventually(lambda: page.request.get(f"{BASE}{url}", params={"term": text}).json()["results"])


def choose(page: Page, name: str, text: str) -> None:
    """Type into an autocomplete and take the first that is found."""
    is_offered(page, name, text)
    page.locator(f'[name="{name}"] + .select2').first.click()
    page.locator(".select2-container--open input.select2-search__field").last.press_sequentially(text)
    option = page.locator(".select2-results__option--highlighted, .select2-results__option--selectable")
    option.filter(has_text=re.compile(re.escape(text), re.IGNORECASE)).first.click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("You may edit it again below").first).to_be_visible()


def publish(page: Page) -> None:
    page.get_by_role("button", name="Publish", exact=True).click()
    published = page.locator("#publication-panel").get_by_text("Published", exact=True)
    expect(published).to_be_visible()
    for step in ("lock-prices", "create-store-entry", "confirm-publication"):
        expect(page.locator(f'[data-step="{step}"]')).to_have_attribute("data-state", "completed")
    stored = page.locator("#store-preview").get_by_role("link", name="As the API has it")
    expect(stored).to_be_visible()


def searched(visitor: Api, words: str) -> list[dict[str, Any]]:
    """What a customer finds, once there is something: Elasticsearch, which knows what the words mean, hears of an
    offering after MongoDB, which stands in for it."""

    def found() -> list[dict[str, Any]]:
        answer = visitor.get("/api/v1/store/search", params={"q": words}).json()
        return [] if answer["degraded"] else answer["items"]

    return eventually(found, why=f"nobody finds {words}")


def begin(page: Page, screen: str) -> None:
    """The form for a new row, by the sidebar and the list's button."""
    page.locator("#nav-sidebar").get_by_role("link", name=screen, exact=True).click()
    page.locator("a.addlink, a[href$='/add/']").first.click()


def test_from_the_sign_in_to_a_published_bundle_that_customers_find(open_page, visitor, unique):
    page = open_page("manager")

    begin(page, "Characteristics")
    page.get_by_label("Name").fill(f"Speed {unique}")
    page.get_by_label("Unit of measure").select_option("Mbps")
    for number, value in enumerate(("100", "500")):
        page.get_by_role("button", name="Add a value").click()
        page.locator(f'[name="values-{number}-value"]').fill(value)
    save(page)

    begin(page, "Specifications")
    page.get_by_label("Name").fill(f"Line {unique}")
    page.get_by_role("button", name="Add a characteristic").click()
    choose(page, "characteristics-0-id", unique)
    save(page)

    begin(page, "Prices")
    page.get_by_label("Name").fill(f"Fee {unique}")
    page.get_by_label("Amount").fill("39.90")
    page.locator('[name="currency"]').select_option("EUR", force=True)
    page.get_by_label("Label").fill("per month")
    save(page)

    for name, is_bundle in ((f"Fibre {unique}", False), (f"Bundle {unique}", True)):
        begin(page, "Offerings")
        page.get_by_label("Name").fill(name)
        if is_bundle:
            page.locator('[name="is_bundle"]').check(force=True)
            page.get_by_role("button", name="Add a member").click()
            choose(page, "bundled_offerings-0-id", f"Fibre {unique}")
        else:
            choose(page, "specification_ids", f"Line {unique}")
        choose(page, "pricing_ids", f"Fee {unique}")
        choose(page, "sales_channels", "web")
        save(page)
        publish(page)

    (item,) = searched(visitor, f"bundle {unique}")
    assert item["name"] == f"Bundle {unique}"
    (member,) = item["bundled_offerings"]
    assert member["name"] == f"Fibre {unique}"

    open_search(page)
    search(page, unique, page.locator("#command-results").get_by_text(f"Bundle {unique}"))


def test_a_file_is_previewed_imported_found_in_the_history_and_undone(open_page, unique):
    page = open_page("manager", width=360)
    page.goto(f"{ADMIN}/pricing/pricing/price/import/")
    rows = f"name,value,currency,unit\nFee {unique},39.90,EUR,per month\nDear {unique},39.905,EUR,\n"
    page.locator('input[name="file"]').set_input_files(
        {"name": "prices.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    page.get_by_role("button", name="Make the preview").click()
    panel = page.locator("#exchange-panel")
    expect(panel.get_by_text("Preview ready")).to_be_visible()
    expect(page.locator("#exchange-rows")).to_contain_text("EUR has at most 2 decimal places.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert found_by_axe(page) == []

    page.get_by_label("Import the rows that are fine").check()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(panel.get_by_text("Imported", exact=True)).to_be_visible()
    job = page.url
    page.get_by_role("link", name=f"Fee {unique}").click()
    page.goto(page.url.replace("/change/", "/history/"))
    page.locator("#history").get_by_role("link", name=re.compile("^import-")).click()
    expect(page).to_have_url(job)

    page.get_by_role("button", name="Undo the import").click()
    expect(panel.get_by_text("Undone", exact=True)).to_be_visible()
    page.goto(f"{ADMIN}/pricing/pricing/price/?q={unique}")
    expect(page.get_by_text(f"Fee {unique}")).to_have_count(0)


def test_what_a_list_shows_is_downloaded(open_page):
    page = open_page("viewer")
    page.goto(f"{ADMIN}/pricing/pricing/price/")
    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_label("XLSX").check()
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert re.fullmatch(r"prices-[0-9-]{10}\.xlsx", download.value.suggested_filename)


def test_a_draft_is_published_later_seen_in_the_calendar_and_cancelled_there(open_page, manager, draft):
    page = open_page("manager")
    moment = clock.now() + timedelta(days=40)
    page.goto(f"{ADMIN}/offering/offering/offering/{draft['id']}/change/")
    page.locator("summary", has_text="Publish later…").press("Enter")
    page.get_by_label("Moment (UTC)").fill(f"{moment:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Schedule the publication").press("Enter")
    expect(page.locator("#schedule").get_by_text("Will be published on")).to_be_visible()

    page.goto(f"{ADMIN}/")
    appears(page.get_by_role("link", name=draft["name"]))
    page.locator("#nav-sidebar").get_by_role("link", name="Calendar").click()
    page.goto(f"{ADMIN}/offering/offering/scheduledchange/?month={moment:%Y-%m}")
    expect(page.locator("#month").get_by_role("link", name=draft["name"])).to_be_visible()
    assert found_by_axe(page) == []
    page.get_by_role("button", name=f"Cancel: To be published, {draft['name']}").press("Enter")
    expect(page.locator("#month").get_by_role("link", name=draft["name"])).to_have_count(0)
    (change,) = manager.get("/api/v1/scheduled-changes", params={"offering_id": draft["id"]}).json()
    assert (change["state"], change["reason"]) == ("CANCELLED", "Cancelled by manager.")


def test_what_is_scheduled_is_carried_out_and_a_telephone_shows_it_in_the_dark(open_page, manager, draft):
    soon = {"kind": "PUBLISH", "at": clock.iso(clock.now() + timedelta(seconds=10))}
    assert manager.post(f"/api/v1/offerings/{draft['id']}/schedule", json=soon).status_code == 201
    offering = f"/api/v1/offerings/{draft['id']}"
    eventually(lambda: manager.get(offering).json()["lifecycle_status"] == "PUBLISHED", seconds=120)
    page = open_page("manager", width=360, color_scheme="dark")
    page.goto(f"{ADMIN}/offering/offering/scheduledchange/?month={soon['at'][:7]}")
    expect(page.locator("#month")).to_be_hidden()
    entry = page.locator("#agenda li", has_text=draft["name"])
    expect(entry.get_by_text("Published", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert found_by_axe(page) == []


def test_a_viewer_is_offered_nothing_that_is_refused(open_page):
    page = open_page("viewer")
    for service in SERVICES.values():
        for screen in service.screens if service.name != "identity" else ():
            page.goto(f"{BASE}{service.admin_path}{screen.path}/")
            expect(page.locator("a[href$='/add/']")).to_have_count(0)
