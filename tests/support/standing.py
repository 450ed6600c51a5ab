"""Processes that stand still: they take connections and requests, and answer none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psutil

from tests.support.waiting import eventually


def stop_still(process: psutil.Process) -> None:
    """Returns when it does stand: its threads run on for some milliseconds after the signal, one by one."""
    process.suspend()
    eventually(lambda: all(_stands(thread.id) for thread in process.threads()), why=f"{process} goes on")


def _stands(thread: int) -> bool:
    try:
        return psutil.Process(thread).status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return True


@contextmanager
def standing_still(*processes: psutil.Process) -> Iterator[None]:
    """Within the block they do nothing at all."""
    with ExitStack() as going_on:
        for process in processes:
            going_on.callback(process.resume)
            stop_still(process)
        yield
