"""Reading an XLSX workbook within limits: openpyxl's reader, kept from what would fill the memory."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import IO, Any, Self
from zipfile import BadZipFile, ZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from apps.core.errors import ValidationFailed
from apps.core.messages import Message

MAX_UNPACKED = 100 * 1024 * 1024
"""Bytes of a workbook's parts as they are unpacked."""
MAX_WHOLE = 4 * 1024 * 1024
"""Bytes of a part that is read whole, such as the styles: its tree takes many times as much. Sheets and texts are read
as they come, a row or a text at a time."""
MAX_TAGS = 200_000
"""Tags between the ends of two rows, or texts: Excel's widest row has half as many."""

_ENDS = re.compile(rb"</(?:\w+:)?(?:row|si)>")
_NO_WORKBOOK = (
    *(BadZipFile, InvalidFileException, zlib.error, EOFError, OSError, SyntaxError),
    *(KeyError, IndexError, TypeError, ValueError, RuntimeError),
)
"""What openpyxl and zipfile raise for what only looks like one."""


def lines(content: bytes, *, most_columns: int) -> Iterator[list[Any]]:
    """The rows of the first sheet that is not hidden, also those between that it leaves out; of a formula what it last
    came to.

    Raises ``ValidationFailed``, also for cells that do not say their value.
    """
    try:
        _refuse_bomb(content)
        reader = _Reader(content)
        reader.read()
        sheets = reader.wb.worksheets
        shown = next((sheet for sheet in sheets if sheet.sheet_state == "visible"), sheets[0])
        with reader.archive.open(shown._worksheet_path) as source:
            yield from _lines(_Sheet(reader, source), most_columns)
    except _NO_WORKBOOK as error:
        raise ValidationFailed(Message("Not an XLSX workbook, or a damaged one.")) from error


def _lines(sheet: _Sheet, most_columns: int) -> Iterator[list[Any]]:
    come = 0
    for number, cells in sheet.parse():
        yield from ([] for _ in range(come + 1, number))
        come = max(come, number)
        line = [None] * most_columns
        for cell in cells:
            if cell["column"] <= most_columns:
                line[cell["column"] - 1] = cell["value"]
        yield line
    if sheet.merged_cells and sheet.merged_cells.mergeCell:
        raise ValidationFailed(
            Message(
                "The cells {cells} are merged: split them, and fill in each.",
                cells=sheet.merged_cells.mergeCell[0].coord,
            )
        )


class _Sheet(WorkSheetParser):
    """Of a cell that has no value of its own ``None`` would empty what is there, and ``#REF!`` be a name."""

    def __init__(self, reader: _Reader, source: IO[bytes]) -> None:
        book = reader.wb
        super().__init__(
            source,
            reader.shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        where = {"number": cell["row"], "column": get_column_letter(cell["column"])}
        if cell["data_type"] == "e":
            raise ValidationFailed(
                Message(
                    "Row {number}, column {column}: {value} is an error, not a value.",
                    value=str(cell["value"]),
                    **where,
                )
            )
        is_empty_text = cell["data_type"] == "str"
        if cell["value"] is None and not is_empty_text and element.find(FORMULA_TAG) is not None:
            raise ValidationFailed(
                Message(
                    "Row {number}, column {column}: the formula has no value: calculate and save the workbook.",
                    **where,
                )
            )
        return cell


class _Archive(ZipFile):
    def read(self, name: Any, pwd: bytes | None = None) -> bytes:
        if self.getinfo(name).file_size > MAX_WHOLE:
            raise ValidationFailed(
                Message(
                    "The workbook's {part} unpacks to more than {most} MiB: copy its rows into a new one, or use CSV.",
                    part=name,
                    most=MAX_WHOLE >> 20,
                )
            )
        with super().open(name, "r", pwd) as whole:
            return whole.read()

    def open(self, *part: Any, **options: Any) -> Any:
        return _Measured(super().open(*part, **options))


class _Measured:
    """A part as it comes; what belongs to one row, or to none, is kept until it is through."""

    def __init__(self, part: IO[bytes]) -> None:
        self._part = part
        self._tags = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._part.close()

    def read(self, size: int = -1) -> bytes:
        piece = self._part.read(size)
        begun, *others = (one.count(b"<") for one in _ENDS.split(piece))
        most = self._tags + begun
        self._tags = others[-1] if others else most
        if max(most, self._tags) > MAX_TAGS:
            raise ValidationFailed(
                Message(
                    "The workbook has more than {most} elements in one row or beside its rows: copy its rows into a "
                    "new one, or use CSV.",
                    most=f"{MAX_TAGS:,}",
                )
            )
        return piece


class _Reader(ExcelReader):
    """Values only: no charts, no links to other workbooks."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        self.archive = _Archive(io.BytesIO(content))

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        """A chart is no rows."""


def _refuse_bomb(content: bytes) -> None:
    """Raises ``ValidationFailed`` for a workbook that would unpack to more than memory should hold."""
    with ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
            raise ValidationFailed(
                Message(
                    "The workbook unpacks to more than {most} MiB: split it, or use CSV.",
                    most=MAX_UNPACKED >> 20,
                )
            )
