"""Python's garbage collector in a process that runs for long."""

from __future__ import annotations

import gc


def keep_what_is_loaded() -> None:
    """What is there now stays for ever: no collection looks at it again, and forked processes share it."""
    gc.collect()
    gc.freeze()


def collect_seldom() -> None:
    """Also, for who answers requests: each leaves dozens of objects, hardly any in a cycle.

    To collect after every few of them was a tenth of the gateway's time and a twentieth of the store's.
    """
    keep_what_is_loaded()
    gc.set_threshold(10_000, 20, 20)
