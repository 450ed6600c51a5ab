"""Generated histories, ten times over, shuffled, to several consumers: a clean rebuild finds nothing to change.

``HISTORIES=200`` tries as many; continuous integration a few.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import batched
from typing import Any
from uuid import UUID

from elastic_transport import ConnectionTimeout
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.errors import Conflict, Unavailable
from apps.outbox.envelope import CloudEvent
from catalog_services.store.projection import consume, dirty, indexing
from catalog_services.store.projection.drain import drain
from catalog_services.store.projection.publishing import prepare_entry, withdraw_entry
from catalog_services.store.rebuild.checks import compare_contents
from catalog_services.store.rebuild.runner import rebuild
from catalog_services.store.stores import elastic, mongo
from catalog_services.store.stores.availability import ELASTICSEARCH
from catalog_services.store.stores.mongo import collection
from config.services import WRITE_SERVICES
from tests.services.store.conftest import new_store
from tests.services.store.factories import (
    CatalogState,
    CategoryState,
    CharacteristicState,
    OfferingState,
    PriceState,
    SpecificationState,
    event,
    publication_failed,
    uses,
)
from tests.services.store.rebuild.conftest import WriteSide, silent

EXAMPLES = int(os.environ.get("HISTORIES", "4"))
TIMES, CONSUMERS, OF_A_KIND = 10, 3, 3
KINDS = {
    "Characteristic": CharacteristicState,
    "Specification": SpecificationState,
    "Price": PriceState,
    "Category": CategoryState,
    "Catalog": CatalogState,
    "Offering": OfferingState,
}
LIVES = ["DRAFT", "PUBLISHING", "PUBLISHED", "PUBLISHED", "RETIRED"]


def id_of(kind: str, number: int) -> str:
    return str(UUID(int=(list(KINDS).index(kind) + 1) * 1000 + number))


@dataclass
class World:
    """The write side: every change makes an event; ``now`` holds the last one of each aggregate."""

    random: random.Random
    events: list[CloudEvent] = field(default_factory=list)
    now: dict[str, CloudEvent] = field(default_factory=dict)

    def change(self) -> None:
        kind, number = self.random.choice([*KINDS, "Offering", "Offering"]), self.random.randrange(OF_A_KIND)
        id = id_of(kind, number)
        version = self.now[id].aggregateversion + 1 if id in self.now else 1
        verb = "Deleted" if self.random.random() < 0.1 else "Updated"
        state = KINDS[kind](id=id, name=f"{kind} {number} v{version}", **self.relations(kind))
        self.now[id] = event(kind, state, version=version, verb=verb)
        self.events.append(self.now[id])
        if kind == "Offering" and self.random.random() < 0.2:
            self.events.append(publication_failed(str(UUID(int=self.random.randrange(1, 5))), id))

    def relations(self, kind: str) -> dict[str, Any]:
        """Shared by many, moved about, not there (yet), in a loop: whatever can be said."""
        if kind == "Specification":
            return {"characteristics": [uses({"id": id}) for id in self.some("Characteristic")]}
        if kind == "Category":
            return {"parent_id": self.random.choice([None, *self.some("Category")])}
        if kind == "Offering":
            members = [{"id": id, "min": 1, "max": 1, "default": 1} for id in self.some("Offering")[:1]]
            return {
                "specification_ids": self.some("Specification"),
                "pricing_ids": self.some("Price"),
                "category_ids": self.some("Category"),
                "catalog_ids": self.some("Catalog"),
                "is_bundle": bool(members),
                "bundled_offerings": members,
                "lifecycle_status": self.random.choice(LIVES),
            }
        return {}

    def some(self, kind: str) -> list[str]:
        return [id_of(kind, number) for number in range(OF_A_KIND) if self.random.random() < 0.5]


def lossy(chance: random.Random) -> Callable[..., dict[str, str]]:
    """Elasticsearch does as it is told, and every third time its answer is lost."""
    real = indexing.index

    def index(*args: Any) -> dict[str, str]:
        refused = real(*args)
        if chance.random() < 0.33:
            raise ConnectionTimeout("lost")
        return refused

    return index


def disturb(chance: random.Random, generation: str) -> None:
    """What goes on beside the consumers: drains, and publications that prepare and undo."""
    names = {
        "publication_id": str(UUID(int=chance.randrange(1, 5))),
        "offering_id": id_of("Offering", chance.randrange(OF_A_KIND)),
    }
    what = chance.choice(["drain", "prepare", "withdraw"])
    if what == "drain":
        drain(mongo.writing(), generation)
    elif what == "withdraw":
        withdraw_entry(**names)
    else:
        try:
            prepare_entry(**names, seen={}, patience=0)
        except (Conflict, Unavailable):
            """Undone before, or its offering is not being published: no entry, and that is right."""


def deliver(events: list[CloudEvent], generation: str, chance: random.Random, failures: list[str]) -> None:
    left = list(events)
    while left:
        size = chance.randint(1, 60)
        some, left = left[:size], left[size:]
        try:
            failures += [r.reason for r in consume(some) if r.outcome != "ack"]
            disturb(chance, generation)
        except Exception as error:
            failures.append(repr(error))
        ELASTICSEARCH.forget()


def shown(generation: str) -> dict[str, Any]:
    """By id: the entry's hash, and what Elasticsearch shows of it. Tombstones show nothing; a hidden one is in the
    index or not, as it was prepared before the last event or after it."""
    entries = collection(mongo.writing(), "entries", generation).find({"body": {"$ne": None}})
    index = elastic.index_name(generation)
    return {
        entry["_id"]: (
            entry["hash"],
            entry["visible"] and elastic.writing().get(index=index, id=entry["_id"]).body["_source"],
        )
        for entry in entries
    }


@given(seed=st.integers(0, 2**32), changes=st.integers(5, 25))
@settings(max_examples=EXAMPLES)
def test_whatever_was_delivered_how_often_and_in_what_order_a_clean_rebuild_changes_nothing(
    seed: int, changes: int
) -> None:
    chance = random.Random(seed)
    world = World(chance)
    for _ in range(changes):
        world.change()
    delivered = world.events * TIMES
    chance.shuffle(delivered)
    failures: list[str] = []
    with new_store() as store:
        store.apply(event("SynonymSet", {"id": id_of("Price", 99), "terms": ["a", "b"]}))
        generation = store.generation
        shares = list(batched(delivered, -(-len(delivered) // CONSUMERS)))
        consumers = [
            threading.Thread(
                target=deliver,
                args=(list(share), generation, random.Random(seed + n), failures),
            )
            for n, share in enumerate(shares)
        ]
        real, indexing.index = indexing.index, lossy(chance)
        try:
            for consumer in consumers:
                consumer.start()
            for consumer in consumers:
                consumer.join()
        finally:
            indexing.index = real
        ELASTICSEARCH.forget()
        drain(mongo.writing(), generation)
        assert not failures
        assert dirty.count(mongo.writing(), generation) == 0
        assert not compare_contents(mongo.writing(), elastic.writing(), generation).wrong
        before = shown(generation)
        rebuild(source=WriteSide(list(world.now.values())), services=WRITE_SERVICES, say=silent)
        assert shown(store.generation) == before
