"""The drain: composes what is marked dirty, writes it in one bulk, and takes the marks away."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import batched

import structlog

from catalog_services.store.projection import dirty, indexing
from catalog_services.store.projection.entries import Contended, refresh
from catalog_services.store.stores import elastic
from catalog_services.store.stores.availability import ELASTICSEARCH, StoreDown
from catalog_services.store.stores.mongo import Mongo

log = structlog.get_logger(__name__)

BATCH = 200


def drain(database: Mongo, generation: str, *, seconds: float = 20.0) -> int:
    """Bring what is marked up to date in both stores, the longest marked first; gives how many entries.

    While Elasticsearch is down entries are brought up to date in MongoDB and the marks stay. Ends when nothing (more)
    can be settled, or after about ``seconds``; what is left is still marked.
    """
    until = time.monotonic() + seconds
    total = 0
    while done := _batch(database, generation, dirty.marked(database, generation, limit=BATCH)):
        total += done
        if time.monotonic() > until:
            break
    return total


def drain_these(database: Mongo, generation: str, ids: Iterable[str], *, seconds: float = 20.0) -> None:
    """The same for some offerings, each of them once."""
    until = time.monotonic() + seconds
    for some in batched(dict.fromkeys(ids), BATCH):
        _batch(database, generation, dirty.marked(database, generation, limit=BATCH, among=some))
        if time.monotonic() > until:
            break


def _batch(database: Mongo, generation: str, marks: dict[str, str]) -> int:
    if not marks:
        return 0
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
