"""What is done to the suite, at a random moment of a round: each fault knows who must be back before it is over."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from config.services import SERVICES, WRITE_SERVICES
from tests.chaos import cluster

OUTAGE_SECONDS = 30.0
READ_STORES = ("mongodb", "elasticsearch")


@dataclass(frozen=True, slots=True)
class Fault:
    """``strike`` does it and says what it did; ``waits_for`` are the programs that must serve again afterwards.

    ``weight`` is how often it is chosen, beside the others. ``takes_read_store``: one of the two read stores is away,
    and no read may fail.
    """

    name: str
    strike: Callable[[random.Random], str]
    waits_for: tuple[str, ...]
    weight: int = 2
    takes_read_store: bool = False


def catalogue() -> dict[str, Fault]:
    """Every fault that the topology of this instance allows, by name."""
    names = sorted(cluster.programs())
    found = [_killed(name) for name in names if name not in {"zipkin", "flower"}]
    found += [_outage(part) for part in (*READ_STORES, "redis", "camunda")]
    found.append(Fault("flush redis", _flushed, (), weight=6))
    found += [Fault(f"cut {name}'s database", _cut(name), ()) for name in (*WRITE_SERVICES, "identity")]
    return {fault.name: fault for fault in found}


def choose(dice: random.Random, faults: Sequence[Fault]) -> list[Fault]:
    """One fault, sometimes two at once; never both read stores, which no promise covers."""
    chosen = dice.choices(faults, [fault.weight for fault in faults])
    if dice.random() < 0.15:
        others = [f for f in faults if not (f.takes_read_store and chosen[0].takes_read_store)]
        chosen += dice.choices(others, [fault.weight for fault in others])
    return list(dict.fromkeys(chosen))


def _killed(name: str) -> Fault:
    """Parts die as a whole; our own processes also in pieces: the head without its children, or one child."""
    is_ours = name.split("-", maxsplit=1)[0] in SERVICES

    def strike(dice: random.Random) -> str:
        return cluster.kill(name, only=dice.choice(("all", "main", "child")) if is_ours else "all")

    return Fault(f"kill {name}", strike, (name,), takes_read_store=name in READ_STORES)


def _outage(part: str) -> Fault:
    def strike(_: random.Random) -> str:
        cluster.stop(part)
        try:
            time.sleep(OUTAGE_SECONDS)
        finally:
            cluster.start(part)
        return f"{part} down for {OUTAGE_SECONDS:g} s"

    return Fault(f"{part} down", strike, (part,), weight=4, takes_read_store=part in READ_STORES)


def _flushed(_: random.Random) -> str:
    cluster.flush_broker()
    return "redis flushed"


def _cut(service: str) -> Callable[[random.Random], str]:
    return lambda _: f"{cluster.cut_connections(service)} connections to {service}'s database cut"
