"""The admin in German, in a real browser that prefers it: from the sign-in to an offering that customers find."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from config import env
from tests.e2e.conftest import ADMIN, PAGE_MS
from tests.e2e.test_browser import KEY_PAGES, choose, searched
from tests.e2e.test_browser_editing import keeps_nobody_out

GERMAN = {"locale": "de-DE"}


def save(page: Page) -> None:
    page.get_by_role("button", name="Sichern und weiter bearbeiten").click()
    expect(page.get_by_text("erfolgreich hinzugefügt").first).to_be_visible()


def test_who_prefers_german_publishes_in_german(open_page, chrome, visitor, unique):
    context = chrome.new_context(viewport={"width": 1440, "height": 900}, **GERMAN)
    page = context.new_page()
    page.set_default_timeout(PAGE_MS)
    page.goto(f"{ADMIN}/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    keeps_nobody_out(page)
    page.get_by_label("Benutzername").fill("manager")
    page.locator('[name="password"]').fill("falsch")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_text("Der Benutzername oder das Passwort ist falsch.")).to_be_visible()
    page.locator('[name="password"]').fill(env.secret("MANAGER_PASSWORD"))
    page.get_by_role("button", name="Anmelden").click()
    expect(page).to_have_url(f"{ADMIN}/")

    page.locator("#nav-sidebar").get_by_role("link", name="Merkmale").click()
    page.locator("a[href$='/add/']").first.click()
    page.get_by_label("Name").fill(f"Tempo {unique}")
    page.get_by_label("Maßeinheit").select_option(label="Mbit/s")
    page.get_by_role("button", name="Wert hinzufügen").click()
    page.locator('[name="values-0-value"]').fill("500")
    save(page)

    page.goto(f"{ADMIN}/specification/specification/specification/add/")
    page.get_by_label("Name").fill(f"Leitung {unique}")
    page.get_by_role("button", name="Merkmal hinzufügen").click()
    page.locator('[name="characteristics-0-id"] + .select2').click()
    page.locator(".select2-search__field").last.press_sequentially("gibt es nicht")
    expect(page.get_by_text("Keine Übereinstimmungen gefunden")).to_be_visible()
    page.keyboard.press("Escape")
    choose(page, "characteristics-0-id", unique)
    save(page)

    page.goto(f"{ADMIN}/pricing/pricing/price/add/")
    page.get_by_label("Name").fill(f"Gebühr {unique}")
    page.locator('[name="currency"]').select_option("EUR", force=True)
    page.get_by_label("Bezeichnung").fill("per month")
    page.get_by_label("Betrag").fill("1.250")
    page.get_by_role("button", name="Sichern und weiter bearbeiten").click()
    expect(page.get_by_text("Bitte ohne Tausendertrennzeichen schreiben")).to_be_visible()
    page.get_by_label("Betrag").fill("39,90")
    save(page)
    expect(page.get_by_label("Betrag")).to_have_value("39,90")

    page.goto(f"{ADMIN}/offering/offering/offering/add/")
    page.get_by_label("Name").fill(f"Glasfaser {unique}")
    save(page)
    expect(page.locator("#publication-panel")).to_contain_text("Mindestens ein Preis wird benötigt.")
    choose(page, "specification_ids", f"Leitung {unique}")
    choose(page, "pricing_ids", f"Gebühr {unique}")
    choose(page, "sales_channels", "web")
    with page.expect_navigation():  # until its scripts have run
        page.get_by_role("button", name="Sichern und weiter bearbeiten").click()
    keeps_nobody_out(page)
    page.get_by_role("button", name="Veröffentlichen", exact=True).click()
    published = page.locator("#publication-panel").get_by_text("Veröffentlicht", exact=True)
    expect(published).to_be_visible()
    expect(page.locator('[data-step="lock-prices"]')).to_contain_text("Preise sperren")

    (item,) = searched(visitor, f"glasfaser {unique}")
    assert item["name"] == f"Glasfaser {unique}"
    assert item["pricing"][0]["value"] == "39.90"
    context.close()


def test_the_language_that_is_chosen_holds_in_every_service(open_page):
    page = open_page("manager", **GERMAN)
    page.get_by_role("button", name="Angemeldet als manager").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for path in KEY_PAGES:
        page.goto(f"{ADMIN}{path}")
        expect(page.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_german_words_keep_nobody_out_and_fit_a_telephone(open_page, color_scheme):
    page = open_page("manager", width=360, color_scheme=color_scheme, **GERMAN)
    for path in (*KEY_PAGES, "/offering/offering/scheduledchange/", "/pricing/pricing/price/import/"):
        page.goto(f"{ADMIN}{path}")
        expect(page.locator("html")).to_have_attribute("lang", "de")
        keeps_nobody_out(page)
