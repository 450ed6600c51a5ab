"""The work of ``projection.py`` in a process of its own: rebuild, price changes, events, each beside raw writes."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from itertools import batched
from operator import itemgetter
from typing import Any

import django
import pymongo
from elasticsearch import helpers
from pymongo import InsertOne, UpdateOne
from pymongo.database import Database
from pymongo.errors import PyMongoError

from config.services import WRITE_SERVICES
from tests.benchmarks.measure import timed
from tests.benchmarks.synthetic import (
    CHARACTERISTIC,
    CHARACTERISTICS,
    OFFERING,
    PRICE,
    PRICES,
    SHARED,
    SPECIFICATION,
    SPECIFICATIONS,
    Catalog,
    id_of,
    offering,
    price,
)

ROUNDS, EVENTS, EVENTS_AT_ONCE = 3, 200, 10
RAW = "0" * 32
"""The generation that is written to without the projection."""


def main(offerings: int) -> None:
    """Print, as JSON, seconds of each kind of work and of the same documents written raw, and the peak of memory in
    kB; then remove what was made."""
    from catalog_services.store.stores import elastic, mongo

    database, client = mongo.writing(), elastic.writing()
    try:
        print(json.dumps(_measured(database, client, offerings)), flush=True)
    finally:
        for index in client.indices.get(index=f"{elastic.alias()}-*"):
            client.indices.delete(index=index)
        # The stand-in removes document by document, and meanwhile may look as if it were away.
        with suppress(PyMongoError), pymongo.timeout(3600):
            database.client.drop_database(database.name)


def _measured(database: Database[Any], client: Any, offerings: int) -> dict[str, Any]:
    from catalog_services.store.projection import consume
    from catalog_services.store.rebuild.runner import rebuild
    from catalog_services.store.stores import generations

    found: dict[str, Any] = {}
    report = rebuild(source=Catalog(offerings), services=WRITE_SERVICES, say=lambda *_: None)
    found["rebuild"], found["peak"] = report.seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"  {offerings:,} offerings rebuilt in {report.seconds:.0f} s", file=sys.stderr)
    found["documents"] = sum(report.received.values()) + 2 * report.entries
    generation = generations.ensure(database).live
    found["raw_rebuild"] = _raw_rebuild(database, client, generation, offerings)
    events = [offering(number * offerings // EVENTS, 2) for number in range(EVENTS)]
    seconds = timed(lambda: [consume(list(some)) for some in batched(events, EVENTS_AT_ONCE)])
    found["events"] = EVENTS / seconds
    found["price"], found["raw_price"] = [], []
    for version in range(2, 2 + ROUNDS):  # taking turns, so that what else the machine does hits both alike
        found["price"].append(timed(lambda: _change(database, generation, version)))  # noqa: B023 (called at once)
        found["raw_price"].append(_raw_change(database, client, generation))
    return found


def _raw_rebuild(database: Database[Any], client: Any, generation: str, offerings: int) -> float:
    """Every document of the generation into collections and an index like its own; only the writes count."""
    from catalog_services.store.projection.bringing import PAGE
    from catalog_services.store.stores import elastic, mongo

    mongo.create_generation(database, RAW)
    elastic.ensure_index(client, RAW)
    elastic.pause_refresh(client, RAW)
    elastic.ensure_numbers(client, RAW, elastic.declared_numbers(client, generation))
    seconds = 0.0
    for kind, id_kind, count in (
        ("characteristics", CHARACTERISTIC, CHARACTERISTICS),
        ("specifications", SPECIFICATION, SPECIFICATIONS),
        ("prices", PRICE, PRICES),
        ("offerings", OFFERING, offerings),
        ("entries", OFFERING, offerings),
    ):
        raw = mongo.collection(database, kind, RAW)
        kept = mongo.collection(database, kind, generation)
        # By ids: the stand-in would read a whole collection first.
        for numbers in batched(range(count), PAGE):
            page = list(kept.find({"_id": {"$in": [id_of(id_kind, number) for number in numbers]}}))
            seconds += timed(lambda: raw.bulk_write([InsertOne(d) for d in page], ordered=False))  # noqa: B023
            if kind == "entries":
                seconds += _raw_index(client, generation, page)
    elastic.resume_refresh(client, RAW)
    return seconds


def _change(database: Database[Any], generation: str, version: int) -> None:
    """The shared price changes, and all that show it are up to date in both stores."""
    from catalog_services.store.projection import consume, dirty
    from catalog_services.store.projection.drain import drain

    consume([price(0, version)])
    while dirty.count(database, generation):  # a slow machine: the consumer left the rest to the worker
        drain(database, generation)


def _raw_change(database: Database[Any], client: Any, generation: str) -> float:
    """The entries that show the shared price as they are now, over those of the raw generation."""
    from catalog_services.store.projection.bringing import PAGE
    from catalog_services.store.stores import mongo

    entries = mongo.collection(database, "entries", generation)
    ids = [id_of(OFFERING, number) for number in range(SHARED)]
    changed = sorted(entries.find({"_id": {"$in": ids}}), key=itemgetter("_id"))
    raw = mongo.collection(database, "entries", RAW)
    seconds = 0.0
    for page in batched(changed, PAGE):
        writes = [UpdateOne({"_id": entry["_id"]}, {"$set": _without_id(entry)}) for entry in page]
        seconds += timed(lambda: raw.bulk_write(writes, ordered=False))  # noqa: B023 (called at once)
        seconds += _raw_index(client, generation, page)
    return seconds


def _raw_index(client: Any, generation: str, entries: Iterable[dict[str, Any]]) -> float:
    from catalog_services.store.projection.indexing import document
    from catalog_services.store.stores import elastic

    numbers = elastic.ensure_numbers(client, RAW, [])
    head = {"_op_type": "index", "_index": elastic.index_name(RAW), "version_type": "external"}
    actions = [
        {**head, "_id": e["_id"], "version": e["rev"], "_source": document(e, numbers)} for e in entries
    ]
    started = time.perf_counter()
    helpers.bulk(client, actions)
    return time.perf_counter() - started


def _without_id(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "_id"}


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
