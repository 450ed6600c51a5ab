"""What the importer works on: records as read, and the plan of items made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The suite's resources, in the order in which a person would list them."""

    CHARACTERISTIC = "characteristic"
    SPECIFICATION = "specification"
    PRICE = "price"
    CATEGORY = "category"
    CATALOG = "catalog"
    OFFERING = "offering"


class BadItem(Exception):
    """One item cannot be imported; the message says why and names the field."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record came from: the file below the imported folder, and its place in it."""

    file: str
    index: int | None = None

    @property
    def stem(self) -> str:
        """The file's name without folder and ``.json``."""
        return self.file.rsplit("/", 1)[-1].removesuffix(".json")

    @property
    def folder(self) -> str:
        """The folder below the imported one; empty at its top."""
        return self.file.rpartition("/")[0]

    def __str__(self) -> str:
        return self.file if self.index is None else f"{self.file}[{self.index}]"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A rule that was applied to an item, and what it decided there."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """One TMF620 resource as it stands in its file, and what was assumed to take it out of there."""

    kind: Kind
    data: dict[str, Any]
    source: Source
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Something in the input that became no item: a file or a record, and why."""

    source: Source
    message: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to another item.

    ``key`` is the external id of an item of this plan; when the plan has none of that id, the suite
    is asked for each of ``candidates`` (external ids) and then for ``name``.
    """

    kind: Kind
    key: str = ""
    candidates: tuple[str, ...] = ()
    name: str = field(default="", compare=False)

    @property
    def label(self) -> str:
        return f"{self.kind} {self.name or self.key or ' or '.join(self.candidates)!r}"


@dataclass(frozen=True, slots=True)
class Ruling[T]:
    """The decision of one rule about one item; without a text nothing was assumed."""

    rule: str
    value: T
    text: str


class Notes(list[Assumption]):
    """The assumptions made for one item, each once."""

    def take[T](self, ruling: Ruling[T]) -> T:
        """Accept a ruling: remember its text if it has one, and return its decision."""
        if ruling.text:
            assumption = Assumption(ruling.rule, ruling.text)
            if assumption not in self:
                self.append(assumption)
        return ruling.value


@dataclass(slots=True)
class Item:
    """One resource that the suite should have.

    ``body`` is the v1 REST body with a ``Ref`` wherever an id of another resource belongs; a field that
    is not in it stays as the suite has it. ``initial`` are further fields, only for where the suite has none.
    ``owner`` is the name of a price's offering, when the import has it; ``lifecycle`` its record's own
    lifecycleStatus. An item with ``errors`` is reported and never written,
    and one that is ``blocked`` is skipped for that reason.
    """

    kind: Kind
    external_id: str
    name: str
    source: Source
    body: dict[str, Any] = field(default_factory=dict)
    initial: dict[str, Any] = field(default_factory=dict)
    owner: str = ""
    lifecycle: str = ""
    publish: bool = False
    assumptions: Notes = field(default_factory=Notes)
    errors: list[str] = field(default_factory=list)
    blocked: str = ""

    @property
    def identity(self) -> tuple[Kind, str]:
        return self.kind, self.external_id

    def references(self) -> Iterator[Ref]:
        """Every reference in the body, repeated as often as it stands there."""
        yield from refs_in(self.body)


@dataclass(slots=True)
class Plan:
    """Everything to bring into the suite, and what of the input could not become an item."""

    items: list[Item] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def of(self, kind: Kind) -> list[Item]:
        return [item for item in self.items if item.kind is kind]


def refs_in(value: Any) -> Iterator[Ref]:
    """The references anywhere inside a body or a part of it."""
    if isinstance(value, Ref):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from refs_in(member)
    elif isinstance(value, list):
        for member in value:
            yield from refs_in(member)
