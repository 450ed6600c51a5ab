"""Progress of long work: bars on a terminal, lines elsewhere, one in ``LINE_SECONDS``."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

LINE_SECONDS = 5.0


class Progress:
    """``say(what, done, total)`` as often as you like; ``total`` may be None while it is not known."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._tasks: dict[str, TaskID] = {}
        self._said_at = time.monotonic()
        self._bars: Bars | None = None
        if out.isatty():
            columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
            self._bars = Bars(*columns, TimeElapsedColumn(), console=Console())

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def say(self, what: str, done: int, total: int | None) -> None:
        if self._bars is None:
            self._line(what, done, total)
            return
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total)
        self._bars.update(self._tasks[what], completed=done, total=total)

    def _line(self, what: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if done == total:
            self._out.write(f"{what}: {done}")
        elif now - self._said_at >= LINE_SECONDS:
            self._out.write(f"{what}: {done}" if total is None else f"{what}: {done} of {total}")
        else:
            return
        self._said_at = now
