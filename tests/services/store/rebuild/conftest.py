"""A write side of the tests: what the snapshots of the four services would hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from apps.outbox.envelope import CloudEvent
from catalog_services.store.rebuild.report import Report
from catalog_services.store.rebuild.runner import rebuild
from catalog_services.store.rebuild.snapshots import Batch
from catalog_services.store.stores import elastic, generations, mongo
from config.services import WRITE_SERVICES
from tests.services.store.conftest import Store
from tests.services.store.factories import (
    CharacteristicState,
    OfferingState,
    PriceState,
    SpecificationState,
    event,
    uses,
)


@dataclass
class WriteSide:
    """Implements ``Snapshots``. ``at_request`` reads its state when asked; ``meanwhile`` runs after the first batch."""

    events: list[CloudEvent] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    at_request: Callable[[], list[CloudEvent]] | None = None
    lose: int = 0
    asked: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def request(self, rebuild_id: str, services: Sequence[str]) -> None:
        self.asked = list(services)
        if self.at_request is not None:
            self.events = self.at_request()

    def batches(self, rebuild_id: str) -> Iterator[Batch]:
        for service in self.asked:
            events = [event for event in self.events if event.source == service]
            sent = events[self.lose :]
            for start in range(0, len(sent), 3):
                yield Batch(service, sent[start : start + 3], start)
            if service == WRITE_SERVICES[0]:
                self.meanwhile()
            yield Batch(service, [], len(events), len(events))

    def close(self, rebuild_id: str) -> None:
        self.closed.append(rebuild_id)


def silent(what: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def nothing_is_built() -> None:
    """Events go into the live generation alone, and of another nothing is left."""
    pointer = generations.ensure(mongo.writing())
    assert pointer.building is None
    there = mongo.generations_there(mongo.writing()) | elastic.generations_there(elastic.writing())
    assert there <= {pointer.live, pointer.previous}


def catalog(count: int = 5) -> list[CloudEvent]:
    """Snapshots of a small catalog; the first price is a tombstone."""
    speed = CharacteristicState(name="Speed")
    access = SpecificationState(name="Access", characteristics=[uses(speed)])
    gone, fee = PriceState(), PriceState(value="10.00")
    offerings = [
        OfferingState(name=f"Plan {n}", specification_ids=[access["id"]], pricing_ids=[gone["id"], fee["id"]])
        for n in range(count)
    ]
    return [
        event("Characteristic", speed, verb="Snapshot"),
        event("Specification", access, verb="Snapshot"),
        event("Price", fee, version=3, verb="Snapshot"),
        event("Price", gone, version=2, verb="Deleted"),
        *(event("Offering", offering, version=4, verb="Snapshot") for offering in offerings),
    ]


def run(source: WriteSide) -> Report:
    return rebuild(source=source, services=WRITE_SERVICES, say=silent)


def names_now(store: Store) -> list[str]:
    generations.forget()
    store.refresh()
    return store.names("search")
