"""The first step of an import: the file becomes rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import batched
from math import isfinite
from typing import Any

from django.db import DataError, transaction

from apps.core.errors import ValidationFailed
from apps.core.messages import Message
from apps.exchange import files
from apps.exchange.columns import as_text
from apps.exchange.formats import FORMATS, Row
from apps.exchange.models import Job, JobRow, State
from apps.exchange.screens import resource_of

AT_ONCE = 1000
_HALF = re.compile("[\ud800-\udfff]")
"""Halves of characters, which JSON can name and no text has."""


@transaction.atomic
def read(job: Job) -> None:
    """All of it or nothing, however often it is begun. Raises ``ValidationFailed`` for a file that is none of ours."""
    resource = resource_of(job)
    table = FORMATS[job.format].read(files.content(job))
    resource.check_columns(table.columns)
    held = Job.objects.select_for_update().get(pk=job.pk)
    if held.state != State.READING:
        return
    total = 0
    try:
        for some in batched(table.rows, AT_ONCE):
            JobRow.objects.bulk_create(
                JobRow(job=held, number=number, cells=_kept(cells)) for number, cells in some
            )
            total += len(some)
    except DataError as error:
        raise _unkept(some) from error
    if not total:
        raise ValidationFailed(Message("The file has no rows below the heading."))
    held.columns = table.columns
    held.enter(State.PREVIEWING, total=total)
    held.save()


def _unkept(some: Iterable[tuple[int, Row]]) -> ValidationFailed:
    """Which of these rows it is that the database does not take."""
    for number, cells in some:
        for column, value in cells.items():
            if not _can_be_kept(value):
                return ValidationFailed(
                    Message(
                        "Row {number}, {column}: holds what the database cannot: a NUL character, or a number out of "
                        "range.",
                        number=number,
                        column=column,
                    )
                )
    return ValidationFailed(Message("The file has characters that no text has, such as NUL."))


def _can_be_kept(value: Any) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, str):
        return "\0" not in value and not _HALF.search(value)
    if isinstance(value, dict):
        return all(_can_be_kept(one) for pair in value.items() for one in pair)
    return all(map(_can_be_kept, value)) if isinstance(value, list) else True


def _kept(cells: dict[str, Any]) -> dict[str, Any]:
    """As JSON has it; a date of a spreadsheet as its text."""
    plain = (str, int, float, bool, list, dict, type(None))
    return {name: value if isinstance(value, plain) else as_text(value) for name, value in cells.items()}
