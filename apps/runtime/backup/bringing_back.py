"""After a restore: everything is started, and the read side made anew and compared with what was restored."""

from __future__ import annotations

from apps.runtime import bringup, setup


def bring_back() -> bool:
    """Whether the read side is what the restored write side says. Raises ``RuntimeFault`` when something does not
    start."""
    bringup.up(choose=_all_but_the_stores_worker, table=False)
    made = setup.shown("store", "rebuild")
    bringup.up(table=False)
    return made and setup.shown("store", "verify")


def _all_but_the_stores_worker(name: str) -> bool:
    """It would make the read side anew by itself; without it that is done where one can watch."""
    return not name.startswith("store-worker")
