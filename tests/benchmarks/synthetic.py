"""A synthetic catalog as events, of any size: what it has depends on nothing but the numbers asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Any

from apps.outbox.envelope import CloudEvent
from catalog_services.store.rebuild.snapshots import Batch
from config.services import WRITE_SERVICES

SHARED, BATCH = 1_000, 200
CHARACTERISTIC, SPECIFICATION, PRICE, OFFERING = range(1, 5)
CHARACTERISTICS, SPECIFICATIONS, PRICES = 30, 50, 201


def id_of(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-7000-8000-{number:012x}"


def _event(source: str, kind: str, state: dict[str, Any], version: int = 1) -> CloudEvent:
    return CloudEvent(f"catalog.{source}.{kind}Updated.v1", source, state["id"], version, state)


def _characteristic(number: int) -> CloudEvent:
    values = [{"value": str(100 * n), "is_default": n == 1} for n in range(1, 5)]
    state = {
        "id": id_of(CHARACTERISTIC, number),
        "name": f"Speed {number}",
        "value_type": "number",
        "unit_of_measure": "Mbps",
    }
    return _event("characteristic", "Characteristic", {**state, "description": "How fast", "values": values})


def _specification(number: int) -> CloudEvent:
    used = [
        {"id": id_of(CHARACTERISTIC, (number + n) % CHARACTERISTICS), "configurable": True} for n in range(3)
    ]
    state = {"id": id_of(SPECIFICATION, number), "name": f"Access {number}", "brand": f"Brand {number % 7}"}
    return _event("specification", "Specification", {**state, "characteristics": used})


def price(number: int, version: int = 1) -> CloudEvent:
    state = {
        "id": id_of(PRICE, number),
        "name": f"Fee {number}",
        "value": f"{9 + version}.{number % 90 + 10}",
    }
    return _event("pricing", "Price", {**state, "currency": "EUR", "price_type": "recurring"}, version)


def offering(number: int, version: int = 1) -> CloudEvent:
    state = {
        "id": id_of(OFFERING, number),
        "name": f"Fibre for homes number {number} v{version}",
        "description": f"Internet access over fibre, offer {number}, with everything that a household needs.",
        "lifecycle_status": "PUBLISHED",
        "specification_ids": [id_of(SPECIFICATION, number % SPECIFICATIONS)],
        # Price 0 is what a thousand offerings share, wherever they are.
        "pricing_ids": [
            id_of(PRICE, 1 + number % (PRICES - 1)),
            *([id_of(PRICE, 0)] if number < SHARED else []),
        ],
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
            "characteristic": (_characteristic, CHARACTERISTICS),
            "specification": (_specification, SPECIFICATIONS),
            "pricing": (price, PRICES),
            "offering": (offering, self._offerings),
        }[service]
        return map(make, range(count))
