"""Entries brought up to date in both stores: MongoDB takes a page while Elasticsearch takes the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

import structlog
from elastic_transport import ConnectionError as NoConnection
from elastic_transport import ConnectionTimeout
from elasticsearch import ApiError
from pymongo.errors import PyMongoError

from catalog_services.store.projection import aside, indexing
from catalog_services.store.projection.entries import refresh
from catalog_services.store.projection.isolate import isolated
from catalog_services.store.stores import elastic
from catalog_services.store.stores.availability import ELASTICSEARCH, StoreDown
from catalog_services.store.stores.mongo import Document, Mongo

log = structlog.get_logger(__name__)

Compose = Callable[[Mongo, str, Iterable[str]], list[Document]]
PAGE = 250
_NOT_THE_ENTRY = (PyMongoError, NoConnection, ConnectionTimeout, ApiError, StoreDown)


@dataclass(frozen=True, slots=True)
class Brought:
    """A page of ids that MongoDB shows as they are now; ``indexed``: and Elasticsearch, too.

    What could not be brought for a reason of its own counts as done: it was set aside.
    """

    ids: Sequence[str]
    indexed: bool


def bring(
    database: Mongo,
    generation: str,
    pages: Iterable[Sequence[str]],
    *,
    compose: Compose = refresh,
    stale: bool = False,
) -> Iterator[Brought]:
    """Compose, keep and index the entries of these offerings; gives each page when it is through.

    ``stale``: what is composed may be older than what was set aside, which stays there. Raises ``PyMongoError`` when
    MongoDB does not take them. While Elasticsearch does not, pages are not ``indexed``.
    """
    with ThreadPoolExecutor(1, "indexing") as indexer:
        ahead: Future[Brought] | None = None
        for page in pages:
            entries: list[Document] = []
            failed = isolated(
                lambda ids: entries.extend(compose(database, generation, ids)),  # noqa: B023 (called at once)
                page,
                unless=(PyMongoError,),
                name=str,
            )
            if ahead is not None:
                yield ahead.result()
            index = partial(_index, stale=stale)
            ahead = indexer.submit(copy_context().run, index, database, generation, page, entries, failed)
        if ahead is not None:
            yield ahead.result()


def _index(
    database: Mongo,
    generation: str,
    ids: Sequence[str],
    entries: list[Document],
    failed: dict[str, str],
    *,
    stale: bool,
) -> Brought:
    try:
        # Who has nothing to send does not learn that it is back.
        with ELASTICSEARCH.attempt() if entries else nullcontext():
            client = elastic.writing()
            failed |= isolated(
                lambda some: failed.update(indexing.index(database, client, generation, some)),
                entries,
                unless=_NOT_THE_ENTRY,
                name=itemgetter("_id"),
            )
    except StoreDown as error:
        log.warning("entries wait for Elasticsearch", entries=len(entries), reason=str(error))
        indexed = False
    else:
        indexed = True
        if not stale:
            aside.leave(database, generation, set(ids) - failed.keys())
    aside.put(database, generation, failed)
    return Brought(ids, indexed)
