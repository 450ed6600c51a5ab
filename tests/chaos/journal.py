"""What the harness was told: every write with its answer, so that afterwards it can be held against what is there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Told:
    """One aggregate as its only writer knows it.

    ``values`` are the fields after the last acknowledged write, ``maybe`` the fields of every write whose outcome
    nobody told (a broken connection, a 5xx). ``acked`` and ``unknown`` count the writes after its creation.
    """

    collection: str
    id: str
    values: dict[str, Any]
    maybe: list[dict[str, Any]] = field(default_factory=list)
    acked: int = 0
    unknown: int = 0
    published: int = 0
    """Publications that were accepted (202)."""
    maybe_published: int = 0
    retired: bool = False
    maybe_retired: bool = False
    deleted: bool = False
    maybe_deleted: bool = False

    def possible(self, name: str) -> set[Any]:
        """The values a field may have now."""
        return {self.values[name], *(write[name] for write in self.maybe if name in write)}


@dataclass(slots=True)
class Family:
    """A characteristic, a specification that uses it, a price, and an offering of both: one writer's own."""

    word: str
    characteristic: Told
    specification: Told
    price: Told
    offering: Told

    @property
    def members(self) -> tuple[Told, ...]:
        return (self.characteristic, self.specification, self.price, self.offering)


@dataclass(slots=True)
class Counts:
    """What a round's load met. ``surprises`` are answers that a valid request must never get."""

    acked: int = 0
    unknown: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)
    reads: int = 0
    failed_reads: list[str] = field(default_factory=list)
    degraded: int = 0

    def add(self, other: Counts) -> None:
        self.acked += other.acked
        self.unknown += other.unknown
        self.refused += other.refused
        self.surprises += other.surprises
        self.reads += other.reads
        self.failed_reads += other.failed_reads
        self.degraded += other.degraded
