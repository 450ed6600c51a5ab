"""One that cannot be done does not hold up the others that are done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

log = structlog.get_logger(__name__)


def isolated[T](
    work: Callable[[Sequence[T]], None],
    items: Sequence[T],
    *,
    unless: tuple[type[Exception], ...],
    name: Callable[[T], str],
) -> dict[str, str]:
    """Do ``work`` on all items; when it raises, on each half of them, and so on down to the ones at fault.

    Gives those by name with the reason. Errors in ``unless`` say nothing of an item (a store is down) and are raised.
    """
    try:
        work(items)
    except unless:
        raise
    except Exception as error:  # whatever a bug raises: it is found out whose it is
        if len(items) == 1:
            log.exception("set aside", id=name(items[0]))
            return {name(items[0]): f"{type(error).__name__}: {error}"}
        half = len(items) // 2
        left = isolated(work, items[:half], unless=unless, name=name)
        return left | isolated(work, items[half:], unless=unless, name=name)
    return {}
