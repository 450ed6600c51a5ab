"""A workbook is read within limits, and a cell that does not say its value empties nothing."""

from __future__ import annotations

import io
import re
import zipfile
from types import MappingProxyType

import openpyxl
import pytest

from apps.core.errors import ValidationFailed
from apps.exchange import workbook
from apps.exchange.formats import FORMATS
from tests.apps.exchange.test_formats import read, written


def calculated(kind: bytes, value: bytes) -> bytes:
    """A workbook with a formula and what it came to, as a spreadsheet keeps it; openpyxl writes formulas only."""
    book = openpyxl.Workbook()
    book.active.append(["value", "name"])
    book.active.append(["=1+1", "Fibre"])
    plain, kept = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(kept, "w") as target:
        for name in source.namelist():
            part = re.sub(rb"</f><v ?/?>(</v>)?", b"</f>" + value, source.read(name))
            target.writestr(name, part.replace(b'r="A2"', b'r="A2" ' + kind))
    return kept.getvalue()


@pytest.mark.parametrize(
    ("kind", "value", "read_as"),
    [(b"", b"<v>2</v>", 2), (b't="str"', b"<v></v>", None), (b't="b"', b"<v>1</v>", True)],
)
def test_of_a_formula_a_workbook_says_what_it_came_to(kind, value, read_as):
    assert read("xlsx", calculated(kind, value)) == [{"value": read_as, "name": "Fibre"}]


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        (b"", b"<v></v>", "Row 2, column A: the formula has no value"),
        (b"", b"", "Row 2, column A: the formula has no value"),
        (b't="e"', b"<v>#REF!</v>", "Row 2, column A: #REF! is an error, not a value."),
    ],
)
def test_a_cell_of_a_workbook_that_does_not_say_its_value_is_refused_and_empties_nothing(kind, value, why):
    with pytest.raises(ValidationFailed, match=why):
        read("xlsx", calculated(kind, value))


def test_a_hidden_sheet_is_not_the_one_that_somebody_filled_in():
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["name"])
    book.active.append(["Old"])
    book.active.sheet_state = "hidden"
    for name in ("Fibre", "Other"):
        sheet = book.create_sheet(name)
        sheet.append(["name"])
        sheet.append([name])
    book.active = 1
    book.save(out)
    assert read("xlsx", out.getvalue()) == [{"name": "Fibre"}]


def test_merged_cells_are_refused_as_only_one_of_them_has_the_value():
    book, out = openpyxl.Workbook(), io.BytesIO()
    for line in (["name", "tax_rate"], ["Fibre", 19], ["Cable", None]):
        book.active.append(line)
    book.active.merge_cells("B2:B3")
    book.save(out)
    with pytest.raises(ValidationFailed, match="The cells B2:B3 are merged"):
        read("xlsx", out.getvalue())


def test_rows_that_a_workbook_leaves_out_are_counted():
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"], book.active["A5"] = "name", "Fibre"
    book.save(out)
    assert list(FORMATS["xlsx"].read(out.getvalue()).rows) == [(5, {"name": "Fibre"})]


def test_a_workbook_that_unpacks_to_more_than_memory_holds_is_refused_unopened(monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (workbook.MAX_UNPACKED + 1))
    assert len(packed.getvalue()) < 200_000
    monkeypatch.setattr(workbook, "_Reader", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(ValidationFailed, match="unpacks to more than 100 MiB"):
        read("xlsx", packed.getvalue())


def rewritten(change, more=MappingProxyType({})) -> bytes:
    """A small workbook with each part as ``change(name, content)`` has it, and ``more`` parts."""
    plain, changed = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["name"])
    book.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
        for name, content in more.items():
            target.writestr(name, content)
    return changed.getvalue()


@pytest.mark.parametrize("part", ["[Content_Types].xml", "xl/styles.xml", "xl/workbook.xml"])
def test_a_part_of_a_workbook_that_is_read_whole_is_refused_when_it_would_be_a_large_tree(part):
    def padded(name, content):
        return content + b" " * workbook.MAX_WHOLE if name == part else content

    with pytest.raises(ValidationFailed, match=f"{re.escape(part)} unpacks to more than 4 MiB"):
        read("xlsx", rewritten(padded))


MANY = workbook.MAX_TAGS + 1
TEXTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


@pytest.mark.parametrize(
    ("part", "before", "added"),
    [
        ("xl/worksheets/sheet1.xml", "</sheetData>", f'<row r="2">{"<c/>" * MANY}</row>'),
        (
            "xl/worksheets/sheet1.xml",
            "<pageMargins",
            f"<mergeCells>{'<mergeCell ref="A2:B3"/>' * MANY}</mergeCells>",
        ),
        (
            "[Content_Types].xml",
            "</Types>",
            f'<Override PartName="/xl/texts.xml" ContentType="{TEXTS_TYPE}"/>',
        ),
    ],
    ids=["a row of cells", "merged cells", "texts"],
)
def test_what_a_workbook_would_have_kept_in_memory_at_once_is_bounded(part, before, added):
    def extended(name, content):
        if name != part:
            return content
        assert before in content.decode()
        return content.decode().replace(before, added + before).encode()

    texts = {"xl/texts.xml": f"<sst>{'<si/>' * MANY}</sst>"}
    with pytest.raises(ValidationFailed, match="more than 200,000 elements in one row or beside its rows"):
        read("xlsx", rewritten(extended, texts))


def test_a_picture_in_a_workbook_may_be_large():
    content = io.BytesIO(written("xlsx", ["name"], ["Fibre"]))
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr("xl/media/image1.png", bytes(workbook.MAX_WHOLE + 1))
    assert read("xlsx", content.getvalue()) == [{"name": "Fibre"}]
