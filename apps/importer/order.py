"""In which order items can be written: what something refers to comes first."""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from apps.importer.model import Item, Kind

type Identity = tuple[Kind, str]


def waves(items: Sequence[Item]) -> list[list[Item]]:
    """The items in waves; those of one wave do not need each other, only items of earlier waves.

    Items that need each other in a circle (bundles, categories) get an error each and come first.
    """
    by_identity = {item.identity: item for item in items}
    needs = {
        identity: {(ref.kind, ref.key) for ref in item.references()} & by_identity.keys()
        for identity, item in by_identity.items()
    }
    circular: list[Item] = []
    while cycle := _cycle(needs):
        names = " needs ".join(repr(by_identity[identity].name) for identity in [*cycle, cycle[0]])
        for identity in cycle:
            by_identity[identity].errors.append(f"They need each other: {names}.")
            circular.append(by_identity[identity])
            del needs[identity]
        for rest in needs.values():
            rest.difference_update(cycle)
    ordered = [[by_identity[identity] for identity in level] for level in _levels(needs)]
    return [circular, *ordered] if circular else ordered


def _cycle(needs: dict[Identity, set[Identity]]) -> list[Identity]:
    """The members of one circle, each once; empty when there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        found: list[Identity] = error.args[1]
        return list(dict.fromkeys(found))
    return []


def _levels(needs: dict[Identity, set[Identity]]) -> list[list[Identity]]:
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    levels = []
    while sorter.is_active():
        ready = set(sorter.get_ready())
        levels.append([identity for identity in needs if identity in ready])
        sorter.done(*ready)
    return levels
