"""What a list has more than once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable


def given_twice[T: Hashable](items: Iterable[T]) -> list[T]:
    """Those that are there more than once, in their order, in linear time: a list may be of any length."""
    return [item for item, count in Counter(items).items() if count > 1]
