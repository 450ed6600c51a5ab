"""What became of an aggregate: its events, which tell of every change by anyone through any door, with its whole state.

Nothing is written for it: an event is recorded in the transaction of its change, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.outbox.kinds import registered
from apps.outbox.models import OutboxEvent

MOST = 500
"""Versions that are looked at, from the newest on."""

_VERB = re.compile(r"catalog\.\w+\.(?P<kind>[A-Za-z]+?)(?P<verb>Created|Updated|Deleted)\.v\d+")
_NO_CHANGE = frozenset({"version", "updated_at"})


@dataclass(frozen=True, slots=True)
class Version:
    """One version: ``verb`` is Created, Updated or Deleted; ``state`` the REST representation, the id alone of a
    deleted one."""

    number: int
    at: datetime
    verb: str
    actor: str
    correlation_id: str
    state: Mapping[str, Any] = field(default_factory=dict)


def versions(id_: UUID) -> list[Version]:
    """The versions of an aggregate, the newest first; none for what this service does not own."""
    rows = OutboxEvent.objects.filter(subject=str(id_)).order_by("-id")[:MOST]
    return [version for row in rows if (version := _version(row)) is not None]


def version(id_: UUID, number: int) -> Version | None:
    return next((one for one in versions(id_) if one.number == number), None)


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The fields in which two states differ, in the order of the representation."""
    return [
        name
        for name in dict.fromkeys([*after, *before])
        if name not in _NO_CHANGE and before.get(name) != after.get(name)
    ]


def _version(row: OutboxEvent) -> Version | None:
    match = _VERB.fullmatch(row.type)
    if match is None or match["kind"] not in {kind.name for kind in registered()}:
        return None
    told = row.envelope
    return Version(
        number=told["aggregateversion"],
        at=row.created_at,
        verb=match["verb"],
        actor=told["actor"],
        correlation_id=row.correlation_id,
        state=told["data"],
    )
