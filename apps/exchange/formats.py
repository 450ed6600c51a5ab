"""The three formats of a file, each read whole (within limits) and written as a stream."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, repeat
from typing import Any, ClassVar

import openpyxl
import orjson
from django.conf import settings
from import_export.formats import base_formats
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import IllegalCharacterError

from apps.core.errors import ValidationFailed
from apps.core.messages import Message
from apps.exchange import workbook
from apps.exchange.columns import as_cell, as_text, refuse_constant

MAX_ROWS = 100_000
MAX_COLUMNS = 100
PIECE = 1024 * 1024
"""Bytes that a file is stored and sent in."""
CELL_LIMIT = 32_767
"""Characters of a cell of XLSX."""

_NO_XML = re.compile("[\ufffe\uffff]")
"""Characters that XML has not, and that openpyxl writes all the same: nobody could open the workbook."""
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")

type Row = dict[str, Any]

csv.field_size_limit(settings.EXCHANGE_MAX_BYTES)  # a cell may be all of a file


class Table:
    """What a file says: its columns, and its rows by their number there."""

    def __init__(self, columns: list[str], rows: Iterable[tuple[int, Row]]) -> None:
        self.columns, self.rows = columns, rows


class Csv(base_formats.CSV):
    name: ClassVar[str] = "csv"

    def read(self, content: bytes) -> Table:
        """UTF-8 with or without a mark; comma, semicolon or tab, whichever the heading has most of."""
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValidationFailed(
                Message("Not UTF-8 (byte {place}): save it as “CSV UTF-8” and try again.", place=error.start)
            ) from None
        heading = text.partition("\n")[0]
        delimiter = max(",;\t", key=heading.count)
        return _table(
            self._lines(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        )

    def _lines(self, reader: Iterator[list[str]]) -> Iterator[list[str]]:
        """Raises ``ValidationFailed`` where quotes do not say where a cell ends: it might take the next rows in."""
        for number in count(1):
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error:
                raise ValidationFailed(
                    Message(
                        "Row {number}: a cell that begins with a quotation mark must end with one, and one inside "
                        "it must be doubled.",
                        number=number,
                    )
                ) from None

    def write(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        """With the mark by which Excel knows UTF-8."""
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        out.write("\ufeff")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_text(cell) for cell in row])
            if out.tell() > PIECE // 4:  # a character may take four bytes
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
        yield out.getvalue().encode()


class Xlsx(base_formats.XLSX):
    name: ClassVar[str] = "xlsx"

    def read(self, content: bytes) -> Table:
        """The first sheet that is not hidden; of a formula what it last came to."""
        return _table(workbook.lines(content, most_columns=MAX_COLUMNS + 1))

    def write(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        """Row by row over a file on this machine's disk. Raises ``ValidationFailed`` for what XLSX cannot hold."""
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        sheet.freeze_panes = "A2"
        sheet.append(list(columns))
        try:
            for number, row in enumerate(rows, start=2):
                sheet.append(
                    [self._cell(sheet, cell, number, name) for cell, name in zip(row, columns, strict=True)]
                )
        except BaseException:  # the half of it that is on the disk goes, too
            sheet.close()
            sheet._writer.cleanup()
            raise
        with tempfile.TemporaryFile() as file:
            book.save(file)
            file.seek(0)
            while piece := file.read(PIECE):
                yield piece

    def _cell(self, sheet: Any, value: Any, number: int, name: str) -> Any:
        plain = as_cell(value)
        if not isinstance(plain, str):
            return plain
        text = escaped(plain)
        if len(text) > CELL_LIMIT:
            raise ValidationFailed(
                Message(
                    "Row {number}, {column}: longer than a cell of XLSX can be. Export it as CSV or JSON.",
                    number=number,
                    column=name,
                )
            )
        try:
            if _NO_XML.search(text):
                raise IllegalCharacterError(text)
            cell = WriteOnlyCell(sheet, value=text)
        except IllegalCharacterError:
            raise ValidationFailed(
                Message(
                    "Row {number}, {column}: has a character that XLSX cannot hold. Export it as CSV or JSON.",
                    number=number,
                    column=name,
                )
            ) from None
        cell.data_type = "s"
        return cell


class Json(base_formats.JSON):
    name: ClassVar[str] = "json"

    def read(self, content: bytes) -> Table:
        """A list of objects; a name that an object does not have leaves its value as it is."""
        try:
            items = json.loads(content.decode("utf-8-sig"), parse_constant=refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ValidationFailed(Message("Not JSON: {why}.", why=error)) from None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise ValidationFailed(Message("Must be a JSON list of objects."))
        if len(items) > MAX_ROWS:
            raise _too_many()
        names = dict.fromkeys(str(name) for item in items for name in item)
        return Table(list(names), enumerate(items, start=1))

    def write(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        return self._list(orjson.dumps(dict(zip(columns, row, strict=True))) for row in rows)

    def write_objects(self, objects: Iterable[Row]) -> Iterator[bytes]:
        """Each with the names that it has, and with whatever a file may have said: numbers of any length, too."""
        return self._list(json.dumps(one, ensure_ascii=False).encode() for one in objects)

    def _list(self, items: Iterable[bytes]) -> Iterator[bytes]:
        between = b"[\n"
        for item in items:
            yield between + item
            between = b",\n"
        yield b"[]" if between == b"[\n" else b"\n]\n"


FORMATS: dict[str, Csv | Xlsx | Json] = {one.name: one for one in (Csv(), Xlsx(), Json())}


def format_of(file_name: str) -> str:
    """The format by the file's ending. Raises ``ValidationFailed`` for any other."""
    ending = file_name.rpartition(".")[2].lower()
    if ending not in FORMATS:
        message = Message("The name must end in .csv, .xlsx or .json.")
        raise ValidationFailed(message, errors={"file": [message]})
    return ending


def escaped(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets a ``'``, and so does one that looks as if it had one."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(text: str) -> str:
    return text[1:] if _ESCAPED.match(text) else text


def _text(value: Any) -> str:
    plain = as_cell(value)
    return escaped(plain) if isinstance(plain, str) else as_text(plain)


def _table(lines: Iterable[list[Any]]) -> Table:
    """A heading and rows below it; empty rows are none. Raises ``ValidationFailed`` for a heading that is none."""
    numbered = enumerate(lines, start=1)
    columns = ["" if cell is None else str(cell).strip() for cell in next(numbered, (0, []))[1]]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise ValidationFailed(Message("The first row must name the columns."))
    if len(columns) > MAX_COLUMNS:
        raise ValidationFailed(Message("The first row has more than {most} columns.", most=MAX_COLUMNS))
    if "" in columns:
        raise ValidationFailed(
            Message("Column {number} has no name in the first row.", number=columns.index("") + 1)
        )
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise ValidationFailed(Message("More than one column is called {names}.", names=", ".join(twice)))
    return Table(columns, list(_rows(columns, numbered)))


def _rows(columns: list[str], numbered: Iterable[tuple[int, list[Any]]]) -> Iterator[tuple[int, Row]]:
    for number, line in numbered:
        if number > MAX_ROWS + 1:
            raise _too_many()
        cells = [unescaped(cell) if isinstance(cell, str) else cell for cell in line]
        if any(cell not in (None, "") for cell in cells[len(columns) :]):
            raise ValidationFailed(
                Message("Row {number} has more cells than there are columns.", number=number)
            )
        if any(cell not in (None, "") for cell in cells):
            yield number, dict(zip(columns, [*cells, *repeat("", len(columns) - len(cells))], strict=False))


def _too_many() -> ValidationFailed:
    return ValidationFailed(Message("More than {most} rows: split the file.", most=f"{MAX_ROWS:,}"))
