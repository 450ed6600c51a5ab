"""Reading an XLSX workbook within limits: openpyxl's reader, kept from what would fill the memory."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException

from apps.core.errors import ValidationFailed
from apps.core.messages import Message

MAX_UNPACKED = 100 * 1024 * 1024
"""Bytes of a workbook's parts as they are unpacked."""
MAX_WHOLE = 4 * 1024 * 1024
"""Bytes of a part that is read whole, such as the styles: its tree takes many times as much. Sheets and texts are read
as they come."""

_NO_WORKBOOK = (
    *(BadZipFile, InvalidFileException, zlib.error, EOFError, SyntaxError),
    *(KeyError, IndexError, TypeError, ValueError, RuntimeError),
)
"""What openpyxl and zipfile raise for what only looks like one."""


def lines(content: bytes, *, most_columns: int) -> Iterator[list[Any]]:
    """The rows of the first sheet, also those between that it leaves out; of a formula what it last came to.

    Raises ``ValidationFailed``.
    """
    try:
        _refuse_bomb(content)
        reader = _Reader(content)
        reader.read()
        sheet = reader.wb.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size is not asked
        yield from (list(row) for row in sheet.iter_rows(max_col=most_columns, values_only=True))
    except _NO_WORKBOOK as error:
        raise ValidationFailed(Message("Not an XLSX workbook, or a damaged one.")) from error


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
        return super().read(name, pwd)


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
