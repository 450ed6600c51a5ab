"""The drain: composes what is marked dirty, writes it in one bulk, and takes the marks away."""

from __future__ import annotations

import time
from collections.abc import Iterable

import structlog

from catalog_services.store.projection import dirty, indexing
from catalog_services.store.projection.entries import Contended, refresh
from catalog_services.store.stores import elastic
from catalog_services.store.stores.availability import ELASTICSEARCH, StoreDown
from catalog_services.store.stores.mongo import Mongo

log = structlog.get_logger(__name__)

BATCH = 200


def drain(
    database: Mongo, generation: str, *, among: Iterable[str] | None = None, seconds: float = 20.0
) -> int:
    """Bring marked offerings (``among`` some, else all) up to date in both stores; gives how many.

    While Elasticsearch is down their entries are brought up to date in MongoDB and the marks stay.
    Ends after about ``seconds``; what is left is still marked.
    """
    until = time.monotonic() + seconds
    left = None if among is None else list(dict.fromkeys(among))
    total = 0
    while left is None or left:
        some = None if left is None else left[:BATCH]
        marks = dirty.marked(database, generation, limit=BATCH, among=some)
        done = _batch(database, generation, marks) if marks else 0
        total += done
        if left is not None:
            left = left[BATCH:]
        elif not done:  # nothing is marked, or nothing can be settled now
            break
        if time.monotonic() > until:
            break
    return total


def _batch(database: Mongo, generation: str, marks: dict[str, str]) -> int:
    try:
        entries = refresh(database, generation, marks)
    except Contended as error:
        log.warning("entries are contended", reason=str(error))
        return 0
    try:
        with ELASTICSEARCH.attempt():
            client = elastic.writing()
            indexed = indexing.index(database, client, generation, entries)
    except StoreDown:
        return 0
    without_entry = marks.keys() - {entry["_id"] for entry in entries}
    settled = {id: token for id, token in marks.items() if id in indexed or id in without_entry}
    dirty.clear(database, generation, settled)
    return len(settled)
