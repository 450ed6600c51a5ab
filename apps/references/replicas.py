"""Keeping replicas and checking ids against them, which is how services refer to each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from apps.core.errors import NotFound, ValidationFailed
from apps.core.messages import Message
from apps.outbox.envelope import CloudEvent
from apps.references.client import get
from apps.references.models import Reference


@dataclass(frozen=True, slots=True)
class ReferenceKind:
    """``name`` as stored (``characteristic``); the owner's REST collection is ``path`` at ``service``."""

    name: str
    service: str
    path: str


def apply_event(kind: ReferenceKind, event: CloudEvent) -> None:
    """Take an event's state into the replica; one that is not newer changes nothing."""
    _upsert(kind, event.subject, event.aggregateversion, event.data, deleted=event.deleted)


def resolve(kind: ReferenceKind, ids: Iterable[UUID], *, field: str) -> dict[UUID, Reference]:
    """The replicas of ``ids``; one not there yet is fetched once from its owner.

    Raises ``ValidationFailed`` on ``field`` naming the ids that nobody has, ``Unavailable`` when the owner
    cannot be asked. Call it before the transaction: it may talk to another service.
    """
    wanted = list(dict.fromkeys(ids))
    known = _known(kind, wanted)
    missing = [id_ for id_ in wanted if id_ not in known]
    if missing:
        for id_ in missing:
            _fetch(kind, id_)
        known = _known(kind, wanted)
    unknown = [str(id_) for id_ in wanted if id_ not in known or known[id_].deleted]
    if unknown:
        message = Message(
            "There is no {kind} with id {ids}.", kind=Message(kind.name), ids=", ".join(unknown)
        )
        raise ValidationFailed(message, errors={field: [message]})
    return known


def refresh(kind: ReferenceKind, ids: Iterable[UUID]) -> None:
    """Ask the owner for the current state of ``ids``: for who is about to refuse something on a replica's word,
    which may be late. Raises ``Unavailable`` when the owner cannot be asked."""
    for id_ in dict.fromkeys(ids):
        _fetch(kind, id_)


def _known(kind: ReferenceKind, ids: list[UUID]) -> dict[UUID, Reference]:
    rows = Reference.objects.filter(kind=kind.name, aggregate_id__in=ids)
    return {row.aggregate_id: row for row in rows}


def _fetch(kind: ReferenceKind, id_: UUID) -> None:
    try:
        state = get(kind.service, f"{kind.path}/{id_}").json()
    except NotFound:
        return
    _upsert(kind, str(id_), int(state["version"]), state, deleted=False)


_UPSERT = """
INSERT INTO references_reference (kind, aggregate_id, name, version, deleted, data)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (kind, aggregate_id) DO UPDATE
   SET name = CASE WHEN excluded.deleted THEN references_reference.name ELSE excluded.name END,
       version = excluded.version, deleted = excluded.deleted, data = excluded.data
 WHERE references_reference.version < excluded.version
"""


def _upsert(kind: ReferenceKind, id_: str, version: int, data: dict[str, Any], *, deleted: bool) -> None:
    values: list[Any] = [kind.name, id_, data.get("name", "")[:200], version, deleted, Jsonb(data)]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values)
