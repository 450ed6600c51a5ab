"""Progress of long work: bars on a terminal, lines elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class Progress:
    """``say(what, done, total)`` as often as you like; ``total`` may be None while it is not known."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._tasks: dict[str, TaskID] = {}
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
            if done == total:
                self._out.write(f"{what}: {done}")
            return
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total)
        self._bars.update(self._tasks[what], completed=done, total=total)
