"""The pictures of ``docs/admin.md``, made anew from the running demo: ``make screenshots``."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from config import env
from tests.e2e.conftest import Api, sign_in
from tests.support.chromium import chromium

FOLDER = env.BASE_DIR / "docs" / "admin"
BASE = f"http://127.0.0.1:{env.service_port('gateway')}"
OFFERINGS = "/admin/offering/offering/offering"
SPECIFICATIONS = "/admin/specification/specification/specification"
SPECIFICATION = "Residential Fibre Access"
PRICE = "Business Fiber 500 - monthly fee"
Made = dict[str, Any]
"""What the API answered."""

COLOURS = 128
"""A page of the admin has few: the picture takes a third."""


def keep(name: str, shown: Page | Locator) -> None:
    """Write ``docs/admin/<name>.png``."""
    picture = Image.open(io.BytesIO(shown.screenshot()))
    FOLDER.mkdir(parents=True, exist_ok=True)
    picture.convert("RGB").quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)
    print(f"docs/admin/{name}.png")


def signed_in(browser: Browser, role: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=BASE).new_page()
    page.goto("/admin/")
    page.get_by_label("Username").fill(role)
    page.get_by_label("Password").fill(env.secret(f"{role.upper()}_PASSWORD"))
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{BASE}/admin/")
    return page


def the(api: Api, collection: str, name: str) -> Made:
    """The first of what the demo catalog has by that name."""
    return api.get(f"/api/v1/{collection}", params={"search": name, "limit": 1}).json()[0]


def draft(api: Api) -> Made:
    """An offering that lacks nothing but a sales channel."""
    return api.made(
        "offerings",
        name="Fibre 500 for the Home",
        description="Half a gigabit, with the router.",
        specification_ids=[the(api, "specifications", SPECIFICATION)["id"]],
        pricing_ids=[the(api, "prices", PRICE)["id"]],
    )


def overview(page: Page, api: Api, made: Made) -> None:
    page.goto("/admin/")
    keep("overview", page)
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Type to search").press_sequentially("fibre access")
    page.locator("#command-results").get_by_text(SPECIFICATION).wait_for()
    keep("palette", page)


def specification(page: Page, api: Api, made: Made) -> None:
    page.goto(f"{SPECIFICATIONS}/{the(api, 'specifications', SPECIFICATION)['id']}/change/")
    page.locator(".suite-rows").scroll_into_view_if_needed()
    keep("specification", page)
    used = page.locator("#where-used")
    used.get_by_role("link").first.wait_for()
    keep("where-used", used)


def offering(page: Page, api: Api, made: Made) -> None:
    """From the draft to its publication, its two editors in between."""
    page.goto(f"{OFFERINGS}/{made['id']}/change/")
    page.get_by_label("Name").fill("Fibre 500 for the whole Home")
    page.locator("#store-preview").get_by_text("whole Home").wait_for()
    page.locator("section:has(> div > #store-preview)").scroll_into_view_if_needed()
    keep("preview", page)
    with sign_in("admin") as other:
        changed = {"description": "Half a gigabit, with router and telephone.", "sales_channels": ["web"]}
        other.patch(f"/api/v1/offerings/{made['id']}", json=changed).raise_for_status()
    page.get_by_label("Description").fill("Half a gigabit for everybody at home.")
    page.get_by_role("button", name="Save and continue editing").click()
    keep("two-editors", page.locator("#meanwhile"))
    page.get_by_label("Keep mine").check()
    page.get_by_role("button", name="Save what I chose").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    panel = page.locator("#publication-panel")
    panel.get_by_text("Being published", exact=True).wait_for()
    keep("publishing", panel)
    panel.get_by_text("Published", exact=True).wait_for()
    panel.locator('[data-step="finish-publication"][data-state="completed"]').wait_for()
    keep("published", panel)
    page.goto(f"{OFFERINGS}/{made['id']}/history/?a=1&b=3")
    keep("history", page)
    api.post(f"/api/v1/offerings/{made['id']}/retire").raise_for_status()


def operations(page: Page, api: Api, made: Made) -> None:
    """What flows, and the publication that was just made, seen through."""
    correlation_id = api.publication(made["id"])["correlation_id"]
    page.goto(f"/ops/c/{correlation_id}")
    page.get_by_text("All of it is done.").wait_for()
    page.set_viewport_size({"width": 1440, "height": 2000})
    keep("glass-box", page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/ops/")
    page.wait_for_timeout(20_000)  # the plots draw a point each two seconds
    keep("operations", page)


SCENES: tuple[tuple[str, Callable[[Page, Api, Made], None]], ...] = (
    ("admin", overview),
    ("manager", specification),
    ("manager", offering),
    ("admin", operations),
)


def main() -> None:
    with chromium() as browser, sign_in("manager") as api:
        made = draft(api)
        for role, scene in SCENES:
            scene(signed_in(browser, role), api, made)


if __name__ == "__main__":
    main()
