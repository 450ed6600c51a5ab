"""What became of an aggregate: its events, which tell of every change by anyone through any door, with its whole state.

Nothing is written for it: an event is recorded in the transaction of its change, and stays. The database lets nobody
edit it (``OutboxEvent``'s triggers).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.outbox.kinds import AggregateKind, registered
from apps.outbox.models import AGGREGATE_VERSION, DELETED, OutboxEvent

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


def versions(id_: UUID, *, since: int = 0, before: int | None = None, most: int = MOST) -> list[Version]:
    """The versions of an aggregate from number ``since`` on, and ``before`` another, the newest first and ``most`` of
    them; none for what this service does not own."""
    rows = _events(id_).filter(number__gte=since)
    if before is not None:
        rows = rows.filter(number__lt=before)
    return _told(rows.order_by("-number", "-id")[:most])


def since(id_: UUID, seen: int) -> list[Version]:
    """What became of an aggregate after version ``seen``, the newest first and ``seen`` itself last; nothing when
    nobody changed it, or when history does not go back that far."""
    found = versions(id_, since=seen)
    return found if len(found) > 1 and found[-1].number == seen else []


def names(found: list[Version]) -> str:
    """Who changed what ``since`` gave, each once, the first first."""
    return ", ".join(dict.fromkeys(one.actor for one in reversed(found[:-1])))


def version(id_: UUID, number: int) -> Version | None:
    return next(iter(_told(_events(id_).filter(number=number))), None)


@dataclass(frozen=True, slots=True)
class Deletion:
    """An aggregate that is gone: ``state`` is the representation it had last, ``place`` where this is in the order."""

    id: UUID
    place: int
    at: datetime
    actor: str
    state: Mapping[str, Any]


def deletions(kind: AggregateKind, *, before: int | None = None, most: int = MOST) -> list[Deletion]:
    """The deletions of a kind, the newest first, those ``before`` a place and ``most`` of them."""
    told = OutboxEvent.objects.filter(DELETED, type=kind.event_type("Deleted"))
    if before is not None:
        told = told.filter(pk__lt=before)
    rows = list(told.order_by("-id")[:most])
    ids = [row.subject for row in rows]
    last = OutboxEvent.objects.filter(subject__in=ids).exclude(DELETED).annotate(number=AGGREGATE_VERSION)
    states = {row.subject: row for row in last.order_by("subject", "-number").distinct("subject")}
    return [
        Deletion(
            id=UUID(row.subject),
            place=row.pk,
            at=row.created_at,
            actor=row.envelope["actor"],
            state=(states.get(row.subject) or row).envelope["data"],
        )
        for row in rows
    ]


def _events(id_: UUID) -> QuerySet[Any]:
    return OutboxEvent.objects.filter(subject=str(id_)).annotate(number=AGGREGATE_VERSION)


def _told(rows: QuerySet[OutboxEvent]) -> list[Version]:
    return [version for row in rows if (version := _version(row)) is not None]


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
