"""The work of ``projection.py`` in a process of its own: rebuild, price changes, events, each beside raw writes."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from operator import itemgetter
from typing import Any

import django
from elasticsearch import helpers
from pymongo import InsertOne, UpdateOne
from pymongo.database import Database

from apps.outbox.envelope import CloudEvent
from catalog_services.store.rebuild.snapshots import Batch
from config.services import WRITE_SERVICES
from tests.benchmarks.measure import timed

SHARED, ROUNDS, EVENTS, EVENTS_AT_ONCE, BATCH = 1_000, 3, 200, 10, 200
RAW = "0" * 32
"""The generation that is written to without the projection."""
KINDS = ("characteristics", "specifications", "prices", "offerings", "entries")


def _id(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-7000-8000-{number:012x}"


def _event(source: str, kind: str, state: dict[str, Any], version: int = 1) -> CloudEvent:
    return CloudEvent(f"catalog.{source}.{kind}Updated.v1", source, state["id"], version, state)


def _characteristic(number: int) -> CloudEvent:
    values = [{"value": str(100 * n), "is_default": n == 1} for n in range(1, 5)]
    state = {
        "id": _id(1, number),
        "name": f"Speed {number}",
        "value_type": "number",
        "unit_of_measure": "Mbps",
    }
    return _event("characteristic", "Characteristic", {**state, "description": "How fast", "values": values})


def _specification(number: int) -> CloudEvent:
    used = [{"id": _id(1, (number + n) % 30), "configurable": True} for n in range(3)]
    state = {"id": _id(2, number), "name": f"Access {number}", "brand": f"Brand {number % 7}"}
    return _event("specification", "Specification", {**state, "characteristics": used})


def _price(number: int, version: int = 1) -> CloudEvent:
    state = {"id": _id(3, number), "name": f"Fee {number}", "value": f"{9 + version}.{number % 90 + 10}"}
    return _event("pricing", "Price", {**state, "currency": "EUR", "price_type": "recurring"}, version)


def _offering(number: int, version: int = 1) -> CloudEvent:
    state = {
        "id": _id(4, number),
        "name": f"Fibre for homes number {number} v{version}",
        "description": f"Internet access over fibre, offer {number}, with everything that a household needs.",
        "lifecycle_status": "PUBLISHED",
        "specification_ids": [_id(2, number % 50)],
        # Price 0 is what a thousand offerings share, wherever they are.
        "pricing_ids": [_id(3, 1 + number % 200), *([_id(3, 0)] if number < SHARED else [])],
        "sales_channels": ["web", "shop"],
        "published_at": "2026-06-01T00:00:00Z",
    }
    return _event("offering", "Offering", state, version)


class Catalog:
    """``Snapshots`` of a catalog of ``offerings``, made while they are read."""

    def __init__(self, offerings: int) -> None:
        self._offerings = offerings

    def request(self, rebuild_id: str, services: Sequence[str]) -> None:
        """Nobody to ask."""

    def batches(self, rebuild_id: str) -> Iterator[Batch]:
        for service in WRITE_SERVICES:
            start = 0
            for events in batched(self._events(service), BATCH):
                wire = json.loads(json.dumps([event.to_wire() for event in events]))
                yield Batch(service, [CloudEvent.from_wire(event) for event in wire], start)
                start += len(events)
            yield Batch(service, [], start, start)

    def close(self, rebuild_id: str) -> None:
        """Nothing is kept."""

    def _events(self, service: str) -> Iterator[CloudEvent]:
        make, count = {
            "characteristic": (_characteristic, 30),
            "specification": (_specification, 50),
            "pricing": (_price, 201),
            "offering": (_offering, self._offerings),
        }[service]
        return map(make, range(count))


def main(offerings: int) -> dict[str, Any]:
    """Seconds of each kind of work and of the same documents written raw, and the peak of memory in kB."""
    from catalog_services.store.projection import consume
    from catalog_services.store.rebuild.runner import rebuild
    from catalog_services.store.stores import elastic, generations, mongo

    database, client = mongo.writing(), elastic.writing()
    found: dict[str, Any] = {}
    try:
        report = rebuild(source=Catalog(offerings), services=WRITE_SERVICES, say=lambda *_: None)
        found["rebuild"], found["peak"] = report.seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found["documents"] = sum(report.received.values()) + 2 * report.entries
        generation = generations.ensure(database).live
        found["raw_rebuild"] = _raw_rebuild(database, client, generation)
        events = [_offering(number * offerings // EVENTS, 2) for number in range(EVENTS)]
        seconds = timed(lambda: [consume(list(some)) for some in batched(events, EVENTS_AT_ONCE)])
        found["events"] = EVENTS / seconds
        found["price"], found["raw_price"] = [], []
        for version in range(
            2, 2 + ROUNDS
        ):  # taking turns, so that what else the machine does hits both alike
            found["price"].append(timed(lambda: _change(database, generation, version)))  # noqa: B023 (called at once)
            found["raw_price"].append(_raw_change(database, client, generation))
    finally:
        for index in client.indices.get(index=f"{elastic.alias()}-*"):
            client.indices.delete(index=index)
        database.client.drop_database(database.name)
    return found


def _raw_rebuild(database: Database[Any], client: Any, generation: str) -> float:
    """Every document of the generation into collections and an index like its own; only the writes count."""
    from catalog_services.store.projection.bringing import PAGE
    from catalog_services.store.stores import elastic, mongo

    mongo.create_generation(database, RAW)
    elastic.ensure_index(client, RAW)
    elastic.pause_refresh(client, RAW)
    elastic.ensure_numbers(client, RAW, elastic.declared_numbers(client, generation))
    seconds = 0.0
    for kind in KINDS:
        raw = mongo.collection(database, kind, RAW)
        for page in batched(mongo.collection(database, kind, generation).find(), PAGE):
            seconds += timed(lambda: raw.bulk_write([InsertOne(d) for d in page], ordered=False))  # noqa: B023
            if kind == "entries":
                seconds += _raw_index(client, generation, page)
    elastic.resume_refresh(client, RAW)
    return seconds


def _change(database: Database[Any], generation: str, version: int) -> None:
    """The shared price changes, and all that show it are up to date in both stores."""
    from catalog_services.store.projection import consume, dirty
    from catalog_services.store.projection.drain import drain

    consume([_price(0, version)])
    while dirty.count(database, generation):  # a slow machine: the consumer left the rest to the worker
        drain(database, generation)


def _raw_change(database: Database[Any], client: Any, generation: str) -> float:
    """The entries that show the shared price as they are now, over those of the raw generation."""
    from catalog_services.store.projection.bringing import PAGE
    from catalog_services.store.stores import mongo

    entries = mongo.collection(database, "entries", generation)
    ids = [_id(4, number) for number in range(SHARED)]
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
    print(json.dumps(main(int(sys.argv[1]))))
