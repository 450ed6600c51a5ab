"""The aggregates a service tells the world about: one entry per kind, used by events, snapshots and digests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from apps.core.models import Aggregate

_kinds: dict[str, AggregateKind] = {}


@dataclass(frozen=True, slots=True)
class AggregateKind:
    """``name`` as in event types (``Price``); ``state`` gives the REST representation; ``rows`` all rows with
    what ``state`` needs prefetched."""

    name: str
    model: type[Aggregate]
    state: Callable[[Any], dict[str, Any]]
    rows: Callable[[], QuerySet[Any]]

    def event_type(self, verb: str) -> str:
        """``catalog.pricing.PriceUpdated.v1`` for the verb ``Updated``."""
        return f"catalog.{settings.SERVICE_NAME}.{self.name}{verb}.v1"


def register(kind: AggregateKind) -> AggregateKind:
    """Declare a kind of aggregate of this service; gives it back for the actions to use."""
    _kinds[kind.name] = kind
    return kind


def registered() -> list[AggregateKind]:
    """Every kind of this service, in order of registration (referred ones first)."""
    return list(_kinds.values())


def kind_of(model: type[Aggregate]) -> AggregateKind:
    """The kind whose rows a model keeps. Raises ``LookupError``: nobody is told of them."""
    for kind in _kinds.values():
        if kind.model is model:
            return kind
    raise LookupError(model)
