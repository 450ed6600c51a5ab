"""Three-way merge: two people changed one thing, each beginning from ``base``. Pure functions over plain values."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Key = Callable[[Any], Hashable]

_ABSENT = object()
_CONFLICT = object()


@dataclass(frozen=True, slots=True)
class Merged:
    """``values`` has both changes; in ``conflicts``, the fields that each changed in another way, it has mine."""

    values: dict[str, Any]
    conflicts: tuple[str, ...] = ()


def merge(
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    keys: Mapping[str, Key] | None = None,
) -> Merged:
    """Each field as the one who changed it left it. All three have the same fields.

    A field in ``keys`` is a list whose items are told apart by that key: there each item counts for itself, so that
    one may add what the other leaves alone.
    """
    values: dict[str, Any] = {}
    conflicts = []
    for name, value in mine.items():
        sides = base[name], value, theirs[name]
        found = _one(*sides)
        if found is _CONFLICT and keys and name in keys:
            found = _items(*sides, keys[name])
        if found is _CONFLICT:
            conflicts.append(name)
        values[name] = value if found is _CONFLICT else found
    return Merged(values, tuple(conflicts))


def _one(base: Any, mine: Any, theirs: Any) -> Any:
    if theirs in (base, mine):
        return mine
    return theirs if mine == base else _CONFLICT


def _items(base: Sequence[Any], mine: Sequence[Any], theirs: Sequence[Any], key: Key) -> Any:
    lists = base, mine, theirs
    by_key = [{key(item): item for item in items} for items in lists]
    if any(len(found) < len(items) for found, items in zip(by_key, lists, strict=True)):
        return _CONFLICT  # one of them is there twice
    order = _order(*map(list, by_key))
    if order is None:
        return _CONFLICT
    kept = [_one(*(found.get(one, _ABSENT) for found in by_key)) for one in order]
    return _CONFLICT if _CONFLICT in kept else [item for item in kept if item is not _ABSENT]


def _order(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any] | None:
    """Every key once: as the one who moved them has them, what the other added behind what it is behind there.
    None when each moved them in another way."""
    common = {*base} & {*mine} & {*theirs}
    before, my_order, their_order = ([key for key in keys if key in common] for keys in (base, mine, theirs))
    if before not in (my_order, their_order) and my_order != their_order:
        return None
    order, other = (list(mine), theirs) if my_order != before else (list(theirs), mine)
    for previous, key in pairwise([_ABSENT, *other]):
        if key not in order:
            order.insert(0 if previous is _ABSENT else order.index(previous) + 1, key)
    return order
