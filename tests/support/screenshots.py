"""The pictures of ``docs/admin.md``, made anew from the running demo: ``make screenshots``."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import psutil
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from apps.admin_kit import consoles
from apps.core import clock
from apps.runtime import supervision
from config import env
from tests.e2e.conftest import Api, sign_in
from tests.support.chromium import chromium
from tests.support.standing import standing_still

FOLDER = env.BASE_DIR / "docs" / "admin"
BASE = f"http://127.0.0.1:{env.service_port('gateway')}"
OFFERINGS = "/admin/offering/offering/offering"
PRICES = "/admin/pricing/pricing/price"
SPECIFICATIONS = "/admin/specification/specification/specification"
SPECIFICATION = "Residential Fibre Access"
PRICE = "Fibre Essentielle 300 - monthly fee"
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


def opened(browser: Browser, *, width: int = 1440, **options: Any) -> Page:
    return browser.new_context(viewport={"width": width, "height": 900}, base_url=BASE, **options).new_page()


def signed_in(browser: Browser, role: str, **options: Any) -> Page:
    page = opened(browser, **options)
    page.goto("/admin/")
    page.locator('[name="username"]').fill(role)
    page.locator('[name="password"]').fill(env.secret(f"{role.upper()}_PASSWORD"))
    page.locator('[name="password"]').press("Enter")
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


@contextmanager
def limited(api: Api, name: str, **validity: str) -> Iterator[None]:
    """A price that is valid for some time only."""
    price = api.made("prices", name=name, value="19.90", currency="EUR", unit="per month", **validity)
    yield
    api.delete(f"/api/v1/prices/{price['id']}").raise_for_status()


@contextmanager
def standing(name: str) -> Iterator[None]:
    """A process of the suite that stands still, so that what waits for it is to be seen."""
    process = psutil.Process(supervision.call("supervisor.getProcessInfo", name)["pid"])
    with standing_still(process, *process.children(recursive=True)):
        yield


def sign_in_page(browser: Browser, api: Api, made: Made) -> None:
    page = opened(browser)
    page.goto("/admin/")
    keep("sign-in", page)


def failed(browser: Browser, api: Api, made: Made) -> None:
    """A publication that a step refuses: a value that its specification chose is not allowed any more."""
    colours = [{"value": "white"}, {"value": "black"}]
    casing = api.made(
        "characteristics", name=f"Casing {made['id'][-4:]}", value_type="string", values=colours
    )
    chosen = {"id": casing["id"], "values": ["white"], "default": "white"}
    router = api.made("specifications", name=f"Router {made['id'][-4:]}", characteristics=[chosen])
    offering = api.made(
        "offerings",
        name="Router, white",
        specification_ids=[router["id"]],
        pricing_ids=made["pricing_ids"],
        sales_channels=["web"],
    )
    api.patch(f"/api/v1/characteristics/{casing['id']}", json={"values": colours[1:]}).raise_for_status()
    api.post(f"/api/v1/offerings/{offering['id']}/publish").raise_for_status()
    assert api.settled(offering["id"])["lifecycle_status"] == "DRAFT"
    page = signed_in(browser, "manager")
    page.goto(f"{OFFERINGS}/{offering['id']}/change/")
    panel = page.locator("#publication-panel")
    panel.locator('[data-state="refused"]').first.wait_for()
    keep("failed", panel)


def overview(browser: Browser, api: Api, made: Made) -> None:
    page = signed_in(browser, "manager", locale="de-DE")
    keep("overview-german", page)
    page = signed_in(browser, "admin")
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Type to search").press_sequentially("fibre access")
    page.locator("#command-results").get_by_text(SPECIFICATION).wait_for()
    keep("palette", page)


def lists(browser: Browser, api: Api, made: Made) -> None:
    page = signed_in(browser, "manager")
    page.goto(f"{OFFERINGS}/?lifecycle_status__exact=PUBLISHED")
    for key in "jxjx":
        page.keyboard.press(key)
    keep("list", page)


def specification(browser: Browser, api: Api, made: Made) -> None:
    page = signed_in(browser, "manager")
    page.goto(f"{SPECIFICATIONS}/{the(api, 'specifications', SPECIFICATION)['id']}/change/")
    page.locator(".suite-rows").scroll_into_view_if_needed()
    keep("specification", page)
    used = page.locator("#where-used")
    used.get_by_role("link").first.wait_for()
    keep("where-used", used)


def offering(browser: Browser, api: Api, made: Made) -> None:
    """From the draft to its publication, its two editors in between."""
    page = signed_in(browser, "manager")
    page.goto(f"{OFFERINGS}/{made['id']}/change/")
    page.get_by_label("Name").fill("Fibre 500 for the whole Home")
    page.locator("#store-preview").get_by_text("whole Home").wait_for()
    page.get_by_label("Description").scroll_into_view_if_needed()
    keep("preview", page)
    with sign_in("admin") as other:
        changed = {"description": "Half a gigabit, with router and telephone.", "sales_channels": ["web"]}
        other.patch(f"/api/v1/offerings/{made['id']}", json=changed).raise_for_status()
    page.get_by_label("Description").fill("Half a gigabit for everybody at home.")
    page.get_by_role("button", name="Save and continue editing").click()
    keep("two-editors", page.locator("#meanwhile"))
    page.get_by_label("Keep mine").check()
    page.get_by_role("button", name="Save what I chose").click()
    panel = page.locator("#publication-panel")
    with standing("store-worker"), limited(api, "Autumn rate", valid_to=soon(days=6)):
        page.get_by_role("button", name="Publish", exact=True).click()
        panel.locator('[data-step="create-store-entry"][data-state="running"]').wait_for()
        keep("publishing", panel)
        front = signed_in(browser, "admin")
        front.set_viewport_size({"width": 1440, "height": 1200})
        keep("overview", front)
        cockpit(browser)
    panel.get_by_text("Published", exact=True).wait_for()
    panel.locator('[data-step="finish-publication"][data-state="completed"]').wait_for()
    keep("published", panel)
    stored = page.locator("section", has=page.locator("#store-preview"))
    stored.get_by_role("link", name="As the API has it").wait_for()
    page.set_viewport_size({"width": 1440, "height": 1600})  # so that nothing stands over it
    keep("stored", stored)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{OFFERINGS}/{made['id']}/history/?a=1&b=3")
    keep("history", page)
    api.post(f"/api/v1/offerings/{made['id']}/retire").raise_for_status()


def soon(*, days: int) -> str:
    return clock.iso(clock.now() + timedelta(days=days)) or ""


def files(browser: Browser, api: Api, made: Made) -> None:
    """A file's preview, with what is refused; it is not imported."""
    page = signed_in(browser, "manager")
    page.goto(f"{PRICES}/import/")
    rows = "name,value,currency,unit\nRouter - monthly fee,4.90,EUR,per month\nInstallation,39.905,EUR,\n"
    page.locator('input[name="file"]').set_input_files(
        {"name": "prices.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    page.get_by_role("button", name="Make the preview").click()
    page.locator("#exchange-panel").get_by_text("Preview ready").wait_for()
    keep("import", page)
    page.get_by_role("button", name="Discard").click()
    page.goto(f"{PRICES}/import/")
    page.locator('input[name="file"]').set_input_files(
        {"name": "prices.csv", "mimeType": "text/csv", "buffer": rows[: rows.index("Installation")].encode()}
    )
    page.get_by_role("button", name="Make the preview").click()
    panel = page.locator("#exchange-panel")
    panel.get_by_text("Preview ready").wait_for()
    panel.get_by_role("button", name="Import", exact=False).first.click()
    panel.get_by_text("Imported", exact=True).wait_for()
    keep("imported", panel)
    page.once("dialog", lambda dialog: dialog.accept())
    panel.get_by_role("button", name="Undo", exact=False).first.click()
    panel.get_by_text("Undone", exact=True).wait_for()


def several(browser: Browser, api: Api, made: Made) -> None:
    """Several prices edited at once, as far as the preview."""
    page = signed_in(browser, "manager")
    page.goto(f"{PRICES}/?q=monthly+fee")
    for _ in range(3):
        for key in "jx":
            page.keyboard.press(key)
    page.locator('select[name="action"]').select_option("bulk_edit")
    page.get_by_role("button", name="Run", exact=True).click()
    rate = page.locator("#bulk-tax_rate")
    rate.locator('[name="tax_rate-value"]').fill("19")
    rate.get_by_role("button").click()
    page.get_by_role("status").wait_for()
    keep("bulk-edit", page)


def calendar(browser: Browser, api: Api, made: Made) -> None:
    """A publication of next month, at a desk and on a telephone in the dark; it is cancelled afterwards."""
    month = f"{clock.now().replace(day=1) + timedelta(days=32):%Y-%m}"
    later = {"kind": "PUBLISH", "at": f"{month}-15T06:00:00Z"}
    api.post(f"/api/v1/offerings/{made['id']}/schedule", json=later).raise_for_status()
    with limited(api, "Welcome rate", valid_from=f"{month}-05T00:00:00Z", valid_to=f"{month}-20T00:00:00Z"):
        for name, options in (("calendar", {}), ("telephone", {"width": 360, "color_scheme": "dark"})):
            page = signed_in(browser, "manager", **options)
            page.goto(f"/admin/offering/offering/scheduledchange/?month={month}")
            keep(name, page)
    (change,) = api.get("/api/v1/scheduled-changes", params={"offering_id": made["id"]}).json()
    api.post(f"/api/v1/scheduled-changes/{change['id']}/cancel").raise_for_status()


def operations(browser: Browser, api: Api, made: Made) -> None:
    """What flows, and the publication that was just made, seen through."""
    page = signed_in(browser, "admin")
    correlation_id = api.publication(made["id"])["correlation_id"]
    page.goto(f"/ops/c/{correlation_id}")
    page.get_by_text("All of it is done.").wait_for()
    assert not page.get_by_text("Gave no answer").count()
    page.set_viewport_size({"width": 1440, "height": 2000})
    keep("glass-box", page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/ops/")
    page.wait_for_timeout(20_000)  # the plots draw a point each two seconds
    keep("operations", page)


def cockpit(browser: Browser) -> None:
    """The diagram, with the process of the publication that runs."""
    page = opened(browser)
    page.goto(consoles.all_of_them()["Camunda"])
    page.get_by_placeholder("Username").fill("camunda")
    page.get_by_placeholder("Password").fill(env.secret("CAMUNDA_PASSWORD"))
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Running Process Instances").wait_for()
    page.goto(f"{consoles.all_of_them()['Camunda']}#/processes")
    page.get_by_role("link", name="Offering publication").first.click()
    page.locator(".djs-container").first.wait_for()
    page.wait_for_timeout(3_000)
    keep("cockpit", page)


def parts(browser: Browser, api: Api, made: Made) -> None:
    """The publication that ``offering`` made last, in the consoles of the parts."""
    newest = {"lifecycle_status": "RETIRED", "ordering": "-updated_at", "limit": 1}
    offering = api.get("/api/v1/offerings", params=newest).json()[0]
    said = f"correlation_id={api.publication(offering['id'])['correlation_id']}"
    found = httpx.get(
        f"{env.part_url('zipkin')}/api/v2/traces", params={"annotationQuery": said, "lookback": 86_400_000}
    )
    page = opened(browser)
    page.goto(f"{consoles.all_of_them()['Zipkin']}traces/{found.json()[0][0]['traceId']}")
    page.get_by_text("Service Name").first.wait_for()
    page.wait_for_timeout(3_000)
    keep("zipkin", page)
    flower = opened(
        browser, http_credentials={"username": "flower", "password": env.secret("FLOWER_PASSWORD")}
    )
    flower.goto(consoles.all_of_them()["Flower"])
    flower.get_by_text("offering").first.wait_for()
    keep("flower", flower)


SCENES: dict[str, Callable[[Browser, Api, Made], None]] = {
    scene.__name__: scene
    for scene in (
        sign_in_page,
        failed,
        overview,
        lists,
        specification,
        files,
        several,
        calendar,
        offering,
        operations,
        parts,
    )
}


def main(chosen: list[str]) -> None:
    """``chosen``: only some scenes; ``operations`` looks at what ``offering`` publishes."""
    with chromium() as browser, sign_in("manager") as api:
        made = draft(api)
        for name in chosen or SCENES:
            SCENES[name](browser, api, made)


if __name__ == "__main__":
    main(sys.argv[1:])
