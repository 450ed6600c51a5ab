"""Files of every format: what is written is read back as it was, and what is no file of ours is refused in words."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.admin_kit.choices import Source
from apps.core.errors import ValidationFailed
from apps.exchange import formats
from apps.exchange.columns import Lines, Marked, Moment, Number, Objects, Text, Truth, Whole, as_list
from apps.exchange.formats import FORMATS, escaped, format_of, unescaped
from apps.exchange.references import References

# What a workbook cannot hold has a test of its own.
TEXTS = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"], include_characters="\n\t", exclude_characters="\ufffe\uffff"
    ),
    max_size=30,
)
ITEMS = TEXTS.map(str.strip).filter(bool)
VALUES = st.lists(
    st.builds(lambda value, is_default: {"value": value, "is_default": is_default}, ITEMS, st.booleans()),
    max_size=4,
)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
AMOUNTS = st.decimals(0, 10**12, places=6, allow_nan=False)


def written(name: str, columns: list[str], *rows: list[Any]) -> bytes:
    return b"".join(FORMATS[name].write(columns, rows))


def read(name: str, content: bytes) -> list[dict[str, Any]]:
    return [row for _, row in FORMATS[name].read(content).rows]


@pytest.mark.parametrize("name", FORMATS)
@given(
    st.tuples(
        TEXTS, st.lists(ITEMS, max_size=4), VALUES, MOMENTS, AMOUNTS, st.booleans(), st.integers(0, 10**6)
    )
)
@settings(max_examples=60)
def test_whatever_a_row_holds_comes_back_as_it_was(name, row_given):
    widgets = [Text(), Lines(), Marked(), Moment(), Number(), Truth(), Whole()]
    cells = [widget.render(value) for widget, value in zip(widgets, row_given, strict=True)]
    columns = [f"c{number}" for number in range(len(cells))]
    (row,) = read(name, written(name, columns, cells))
    assert [w.clean(row[c]) for w, c in zip(widgets, columns, strict=True)] == list(row_given)


@pytest.mark.parametrize("name", ["csv", "xlsx"])
@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "''=1"])
def test_no_cell_is_run_as_a_formula_and_none_loses_its_text(name, text):
    content = written(name, ["name"], [text])
    if name == "csv":
        cell = content.decode("utf-8-sig").splitlines()[1].strip('"')
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        cell = sheet["A2"].value
        assert sheet["A2"].data_type == "s"
    assert cell.startswith("'")
    assert read(name, content) == [{"name": text}]


@given(TEXTS)
def test_escaping_has_a_way_back(text):
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_comes_with_and_without_a_mark_and_with_the_delimiter_of_its_country(mark, delimiter):
    content = mark + f"name{delimiter}unit\r\nÄther{delimiter}Mbps\r\n".encode()
    assert read("csv", content) == [{"name": "Äther", "unit": "Mbps"}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("csv", "name\nÄ".encode("latin-1"), "Not UTF-8"),
        ("csv", b"", "The first row must name the columns."),
        ("csv", b",name\n1,2\n", "Column 1 has no name"),
        ("csv", b"name,name\n1,2\n", "More than one column is called name."),
        ("csv", b"name\n1,2\n", "Row 2 has more cells than there are columns."),
        ("csv", b'name\n"a\x00b"\n', ""),
        ("csv", b'name,unit\nA,"x\nB,y\nC,z\n', "Row 2: a cell that begins with a quotation mark"),
        ("csv", b'name,unit\nA,x\nB,"y" z\n', "Row 3: a cell that begins with a quotation mark"),
        ("xlsx", b"PK not a workbook", "Not an XLSX workbook"),
        ("json", b"{", "Not JSON"),
        ("json", b'{"name": 1}', "Must be a JSON list of objects."),
        ("json", b"[1]", "Must be a JSON list of objects."),
        ("json", b'[{"value": NaN}]', "NaN is no number"),
        ("json", b"[" * 100_000, "Not JSON"),
    ],
)
def test_what_is_no_file_of_ours_is_refused_in_words(name, content, message):
    if not message:  # what the database cannot keep is refused where it is kept
        assert read(name, content) == [{"name": "a\x00b"}]
        return
    with pytest.raises(ValidationFailed, match=message):
        read(name, content)


def test_a_row_that_ends_early_has_empty_cells_and_an_empty_row_is_none():
    assert read("csv", b"name,unit\nFibre\n\n,\nCable,GB\n") == [
        {"name": "Fibre", "unit": ""},
        {"name": "Cable", "unit": "GB"},
    ]


def test_a_cell_of_csv_may_be_long():
    assert read("csv", b"name\n" + b"x" * 200_000) == [{"name": "x" * 200_000}]


def test_a_cell_of_csv_in_quotation_marks_may_have_lines_and_quotation_marks():
    content = b'name,unit\nA,"x\r\ny, ""z"""\nB,5" pipe\n'
    assert read("csv", content) == [
        {"name": "A", "unit": 'x\r\ny, "z"'},
        {"name": "B", "unit": '5" pipe'},
    ]


def test_rows_are_counted_as_a_spreadsheet_does():
    numbers = [number for number, _ in FORMATS["csv"].read(b"name\nFibre\n\nCable\n").rows]
    assert numbers == [2, 4]


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_more_columns_than_a_file_may_have_are_refused_and_none_is_passed_over(name):
    most = [f"column {number}" for number in range(formats.MAX_COLUMNS)]
    assert read(name, written(name, most, most)) == [dict(zip(most, most, strict=True))]
    with pytest.raises(ValidationFailed, match="more than 100 columns"):
        read(name, written(name, [*most, "one more"], [*most, "x"]))


@pytest.mark.parametrize("name", FORMATS)
def test_more_rows_than_a_file_may_have_are_refused(name, monkeypatch):
    content = written(name, ["name"], *([f"Fibre {number}"] for number in range(6)))
    monkeypatch.setattr(formats, "MAX_ROWS", 5)
    with pytest.raises(ValidationFailed, match="More than 5 rows"):
        read(name, content)


def test_a_single_row_far_down_does_not_make_a_sheet_of_a_million(monkeypatch):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A900000"] = "name", "Fibre"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(ValidationFailed, match="More than 100,000 rows"):
        read("xlsx", out.getvalue())


def test_a_text_that_reads_like_an_error_of_a_spreadsheet_is_a_text():
    content = written("xlsx", ["name"], ["#N/A"])
    assert openpyxl.load_workbook(io.BytesIO(content)).active["A2"].data_type == "s"
    assert read("xlsx", content) == [{"name": "#N/A"}]


def test_a_sheet_that_says_it_is_smaller_than_it_is_loses_no_row():
    book = openpyxl.Workbook()
    for cell in ("name", "Fibre", "Cable"):
        book.active.append([cell])
    whole, lying = io.BytesIO(), io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(lying, "w") as out:
        for part in parts.namelist():
            out.writestr(part, parts.read(part).replace(b'ref="A1:A3"', b'ref="A1:A2"'))
    assert read("xlsx", lying.getvalue()) == [{"name": "Fibre"}, {"name": "Cable"}]


def test_an_export_that_breaks_off_leaves_nothing_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(ValidationFailed):
        written("xlsx", ["name"], ["a\x0bb"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [("x" * 32_768, "longer than a cell"), *((f"a{one}b", "a character") for one in "\x0b\ufffe\uffff")],
)
def test_what_a_workbook_cannot_hold_is_said_and_never_cut_off(text, why):
    with pytest.raises(ValidationFailed, match=why):
        written("xlsx", ["name"], [text])
    assert read("csv", written("csv", ["name"], [text])) == [{"name": text}]


def test_numbers_truths_and_dates_of_a_spreadsheet_are_understood():
    book = openpyxl.Workbook()
    book.active.append(["number", "whole", "truth", "day", "text"])
    book.active.append([39.9, 12, True, datetime(2026, 1, 31, 12), 4711])  # noqa: DTZ001
    out = io.BytesIO()
    book.save(out)
    (row,) = read("xlsx", out.getvalue())
    assert Number().clean(1e-05) == Decimal("0.00001")
    assert Number().clean(row["number"]) == Decimal("39.9")
    assert (Whole().clean(row["whole"]), Truth().clean(row["truth"])) == (12, True)
    assert Moment().clean(row["day"]) == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert Text().clean(row["text"]) == "4711"


PARTS = Objects(References("characteristic", Source("characteristic", rows=list)), key="id", name="name")


@pytest.mark.parametrize(
    ("widget", "cell", "message"),
    [
        (Number(), "39,90", "no decimal number"),
        (Number(), "1e999999999", "no decimal number"),
        (Number(), "NaN", "no decimal number"),
        (Lines(), "[" * 100_000, "Begins like JSON"),
        (Whole(), "1.5", "no whole number"),
        (Whole(), "9" * 5_000, "no whole number"),
        (Truth(), "maybe", "neither true nor false"),
        (Moment(), "yesterday", "no time such as"),
        (Moment(), "2026-02-30", "2026-02-30"),
        (Moment(), "9999-12-31T23:59:59-05:00", "not in the years 1 to 9999 of UTC"),
        (Moment(), "0001-01-01T00:00:00+14:00", "not in the years 1 to 9999 of UTC"),
        (Lines(), "[1, ", "Begins like JSON"),
        (Text(), ["a"], "one value"),
        (Marked(), [{"name": "x"}], "A value is JSON such as"),
        (Marked(), [{"value": "x", "default": True}], "A value is JSON such as"),
        (Marked(), [{"is_default": True}], "A value is JSON such as"),
        (PARTS, "Speed", "Must be JSON such as"),
        (PARTS, [{"configurable": True}], "Each needs id or name"),
    ],
)
def test_a_cell_that_is_not_understood_says_what_it_should_be(widget, cell, message):
    with pytest.raises(ValueError, match=message):
        widget.clean(cell)


def test_whatever_a_file_said_is_a_cell_of_csv_that_says_the_same():
    """Of rows of XLSX that were refused: no number with an exponent, and no object as Python writes it."""
    columns, cells = list("abcde"), [0.00001, 4711.0, {"name": "Ä"}, True, None]
    assert read("csv", written("csv", columns, cells)) == [
        {"a": "0.00001", "b": "4711", "c": '{"name": "Ä"}', "d": "true", "e": ""}
    ]


def test_a_list_is_lines_or_json():
    assert as_list("web\n shop \n\n") == ["web", "shop"] == as_list(json.dumps(["web", "shop"]))
    assert Marked().clean("100\n* 500") == [
        {"value": "100", "is_default": False},
        {"value": "500", "is_default": True},
    ]


@pytest.mark.parametrize("name", ["a.exe", "prices", "prices.csv.gz"])
def test_the_ending_says_the_format(name):
    assert format_of("Prices.XLSX") == "xlsx"
    with pytest.raises(ValidationFailed, match=r"must end in \.csv"):
        format_of(name)
