"""Looking at a page: what axe finds in the light and in the dark, whether a telephone shows all of it, and once more
where it lacks what another service says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

TELEPHONE = 360
LOOK_MS = 15_000
"""How long one looks before one looks again."""
STILL = "*, ::before, ::after { transition: none !important; animation: none !important; }"
NAMED = "!document.querySelector('.select2-selection[aria-labelledby]')"
"""select2's boxes get their names when all is loaded."""


def wrong_with(page: Page) -> list[str]:
    """What is wrong with the page as it stands open, each as a line; the page is light and wide again afterwards."""
    page.add_style_tag(content=STILL)
    wide = page.viewport_size
    found = _axe(page)
    page.emulate_media(color_scheme="dark")
    page.evaluate("document.documentElement.classList.add('dark')")
    # All else is as it was in the light.
    found += [f"dark: {one}" for one in _axe(page, "color-contrast")]
    page.emulate_media(color_scheme="light")
    page.evaluate("document.documentElement.classList.remove('dark')")
    page.set_viewport_size({"width": TELEPHONE, "height": 800})
    if (width := page.evaluate("document.documentElement.scrollWidth")) > TELEPHONE:
        found.append(f"{width} wide on a telephone")
    found += [f"telephone: {one}" for one in _axe(page, "scrollable-region-focusable")]
    if wide:
        page.set_viewport_size(wide)
    return found


def open_search(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox", name="Search everything")).to_be_focused()
    # Alpine holds the focus within it from 15 ms on, by the page's own clock: no hand is quicker.
    page.evaluate("new Promise(done => setTimeout(done, 100))")


def search(page: Page, words: str, hit: Locator) -> None:
    """Write words into the search that is open, until it shows the hit; all at once, or an answer to half of them would
    be followed by another."""

    def ask() -> None:
        box = page.get_by_role("searchbox", name="Search everything")
        box.press("Control+a")
        box.press("Delete")
        page.keyboard.insert_text(words)

    ask()
    appears(hit, again=ask)


def appears(found: Locator, again: Callable[[], object] | None = None) -> None:
    """Wait until it is shown: by itself, or by a second look, which opens the page anew. What another service says is
    left out of a page where that one takes two seconds, and a page that waits for more stops asking."""
    try:
        expect(found.first).to_be_visible(timeout=LOOK_MS)
    except AssertionError:
        (again or found.page.reload)()
        expect(found.first).to_be_visible()


def say_yes(page: Page) -> None:
    """Where a page asks before it deletes: what it may ask of others about."""
    yes = page.get_by_role("button", name="Yes, I’m sure")
    appears(yes)
    yes.click()


def _axe(page: Page, only: str = "") -> list[str]:
    """What axe finds; ``only`` is one rule, for a page that has been looked at before."""
    if not only:
        return found_by_axe(page)
    ask = "async (rule) => (await axe.run(document, {runOnly: [rule]})).violations"
    return _said(page.evaluate(ask, only))


def found_by_axe(page: Page) -> list[str]:
    """What axe finds in a page as it is seen: an icon is a word of low contrast until its font has come."""
    page.wait_for_load_state("load")
    page.wait_for_function(NAMED)
    page.evaluate("document.fonts.ready.then(() => null)")
    return _said(Axe().run(page).response["violations"])


def _said(violations: list[dict[str, Any]]) -> list[str]:
    return [f"{one['id']}: {node['html'][:200]}" for one in violations for node in one["nodes"][:3]]
