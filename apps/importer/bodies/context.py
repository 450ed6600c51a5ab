"""What the builders of all kinds share while one import is turned into a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.importer.model import BadItem, Item, Kind, Ref
from apps.importer.rules import carried, fields, lifecycle, references
from apps.importer.rules.characteristics import Definition, Known

type Pair = tuple[Item, dict[str, Any]]


@dataclass(slots=True)
class Context:
    """The items with their records, and what earlier builders found out for later ones."""

    pairs: list[Pair]
    known: Mapping[str, Known]
    channels: Sequence[str]
    index: references.Index
    definitions: dict[str, Definition] = field(default_factory=dict)
    """Type and unit of each characteristic, by ``identity.same`` of its name."""
    parents: dict[str, Ref] = field(default_factory=dict)
    """The parent of each category that has one, by external id."""
    prices_of: defaultdict[str, list[Ref]] = field(default_factory=lambda: defaultdict(list))
    """The prices of each offering, by its external id."""

    def good(self, kind: Kind) -> Iterator[Pair]:
        """The items of a kind that have no error so far."""
        return ((item, data) for item, data in self.pairs if item.kind is kind and not item.errors)

    def items(self, kind: Kind) -> list[Item]:
        return [item for item, _ in self.pairs if item.kind is kind]

    def each(self, kind: Kind, step: Callable[[Item, dict[str, Any]], None]) -> None:
        """Apply a step to every item of a kind; what is wrong with one becomes its error."""
        for item, data in self.good(kind):
            try:
                step(item, data)
            except BadItem as error:
                item.errors.append(str(error))

    def resolve(self, item: Item, kind: Kind, reference: dict[str, Any]) -> Ref:
        return item.assumptions.take(references.resolve(self.index, kind, reference))


def common(item: Item, data: dict[str, Any]) -> dict[str, Any]:
    """The fields that every kind has."""
    item.lifecycle = fields.text(data, "lifecycleStatus")
    if item.kind is not Kind.OFFERING:
        item.assumptions.take(lifecycle.not_kept(item.lifecycle))
    item.assumptions.take(carried.not_carried(item.kind, data))
    return {
        "name": item.name,
        "external_id": item.external_id,
        "description": fields.prose(data, "description"),
    }


def dated(data: dict[str, Any]) -> dict[str, Any]:
    """``valid_from`` and ``valid_to``."""
    start, end = fields.validity(data)
    return {"valid_from": start, "valid_to": end}
