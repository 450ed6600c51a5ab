"""How far it is, database by database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from apps.runtime.backup.archive import Advance
from apps.runtime.report import console


@contextmanager
def bars(what: str, totals: Mapping[str, int] | None = None) -> Iterator[Advance]:
    """One bar for each database that something is told of; ``totals`` in bytes, where they are known. Where nobody
    watches, their last state is printed."""
    tasks: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:

        def advance(owner: str, size: int) -> None:
            if owner not in tasks:
                _finish(progress)
                tasks[owner] = progress.add_task(f"{what} {owner}", total=(totals or {}).get(owner))
            progress.advance(tasks[owner], size)

        yield advance
        _finish(progress)


def _finish(progress: Progress) -> None:
    """What came before the next database is all there was of the last."""
    for task in progress.tasks:
        progress.update(task.id, total=task.completed)
