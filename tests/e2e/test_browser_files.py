"""Files in and out, in a real browser: what an export wrote is edited and comes back."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ADMIN


def edited(content: bytes, ending: str, value: str) -> bytes:
    """The only row of an export with another value, as a person would save it."""
    if ending == "json":
        (row,) = json.loads(content)
        return json.dumps([{**row, "value": value}]).encode()
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.active
    columns = [cell.value for cell in sheet[1]]
    sheet.cell(row=2, column=columns.index("value") + 1, value=value)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize("ending", ["xlsx", "json"])
def test_an_export_is_edited_and_comes_back(open_page, manager, unique, ending):
    fee = manager.made("prices", name=f"Fee {unique}", value="39.90", currency="EUR")
    page = open_page("manager")
    page.goto(f"{ADMIN}/pricing/pricing/price/?q={unique}")
    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_label(ending.upper()).check()
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    content = Path(download.value.path()).read_bytes()

    def brought(value: str) -> None:
        page.goto(f"{ADMIN}/pricing/pricing/price/import/")
        file = {"name": f"prices.{ending}", "mimeType": "application/octet-stream"}
        page.locator('input[name="file"]').set_input_files({**file, "buffer": edited(content, ending, value)})
        page.get_by_role("button", name="Make the preview").click()
        expect(page.locator("#exchange-panel").get_by_text("Preview ready")).to_be_visible()

    brought("39.905")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the errors").click()
    assert "EUR has at most 2 decimal places." in Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert manager.get(f"/api/v1/prices/{fee['id']}").json()["value"] == "39.90", "nothing was imported"

    brought("29.90")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#exchange-panel").get_by_text("Imported", exact=True)).to_be_visible()
    assert manager.get(f"/api/v1/prices/{fee['id']}").json()["value"] == "29.90"


LIGHT_OF = """([shown, side]) => new Promise((done) => {
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    const drawn = canvas.getContext("2d");
    drawn.drawImage(image, 0, 0);
    const [red, green, blue] = drawn.getImageData(side * image.width, image.height / 2, 1, 1).data;
    done((0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255);
  };
  image.src = "data:image/png;base64," + shown;
})"""
"""How light a picture is, from 0 to 1, at a part of its width."""


@pytest.mark.parametrize(("color_scheme", "is_light"), [("light", True), ("dark", False)])
def test_what_is_to_be_done_yet_of_a_job_is_seen_as_empty(open_page, color_scheme, is_light):
    page = open_page("manager", color_scheme=color_scheme)
    page.goto(f"{ADMIN}/pricing/pricing/price/import/")
    page.evaluate(
        "document.getElementById('main').insertAdjacentHTML('beforeend', '<progress max=100 value=50></progress>')"
    )
    shown = base64.b64encode(page.locator("progress").screenshot()).decode()
    blank = page.context.new_page()
    done, left = (blank.evaluate(LIGHT_OF, [shown, side]) for side in (0.25, 0.75))
    assert (left > done) is is_light
    assert abs(left - done) > 0.3
    assert left > 0.8 if is_light else left < 0.3


def test_what_a_row_comes_to_stands_beside_its_name(open_page, unique):
    page = open_page("manager")
    page.goto(f"{ADMIN}/pricing/pricing/price/import/")
    file = {"name": "prices.csv", "mimeType": "text/csv"}
    rows = f"name,value,currency,unit\n{unique},5,EUR,each\n"
    page.locator('input[name="file"]').set_input_files({**file, "buffer": rows.encode()})
    page.get_by_role("button", name="Make the preview").click()
    expect(page.locator("#exchange-panel").get_by_text("Preview ready")).to_be_visible()
    aligned = "cells => cells.map((cell) => getComputedStyle(cell).verticalAlign)"
    assert set(page.locator("#exchange-rows tbody :is(td, th)").evaluate_all(aligned)) == {"top"}
