"""Two streams sorted by id, side by side: what makes comparing a catalog of any size take the same memory."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from catalog_services.store.stores.mongo import Document, Mongo, collection

_PAGE = 1000


def joined[L, R](
    left: Iterable[tuple[str, L]], right: Iterable[tuple[str, R]]
) -> Iterator[tuple[str, L | None, R | None]]:
    """The outer join of two streams, each sorted by id and without repetitions: ``(id, left, right)``."""
    lefts = ((id, "left", value) for id, value in left)
    rights = ((id, "right", value) for id, value in right)
    for id, found in groupby(heapq.merge(lefts, rights, key=itemgetter(0)), key=itemgetter(0)):
        values: dict[str, Any] = {side: value for _, side, value in found}
        yield id, values.get("left"), values.get("right")


def by_id(
    database: Mongo, kind: str, generation: str, fields: Document, where: Document | None = None
) -> Iterator[tuple[str, Document]]:
    """The documents of a collection in the order of their ids."""
    for document in (
        collection(database, kind, generation).find(where, fields).sort("_id", 1).batch_size(_PAGE)
    ):
        yield document["_id"], document
