"""Two streams sorted by id, side by side: what makes comparing a catalog of any size take the same memory."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any


def joined[L, R](
    left: Iterable[tuple[str, L]], right: Iterable[tuple[str, R]]
) -> Iterator[tuple[str, L | None, R | None]]:
    """The outer join of two streams, each sorted by id and without repetitions: ``(id, left, right)``."""
    lefts = ((id, "left", value) for id, value in left)
    rights = ((id, "right", value) for id, value in right)
    for id, found in groupby(heapq.merge(lefts, rights, key=itemgetter(0)), key=itemgetter(0)):
        values: dict[str, Any] = {side: value for _, side, value in found}
        yield id, values.get("left"), values.get("right")
