"""Keeping replicas and checking ids against them, which is how services refer to each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from apps.core.errors import NotFound, ValidationFailed
from apps.core.messages import Message
from apps.outbox.envelope import CloudEvent
from apps.references.client import get
from apps.references.models import Reference

AT_ONCE = 50
"""Ids in one question: their line stays within what a server takes, and the answer within its time."""


@dataclass(frozen=True, slots=True)
class ReferenceKind:
    """``name`` as stored (``characteristic``); the owner's REST collection is ``path`` at ``service``. ``momentary``
    are the fields of its representation that are no part of its state, and of no event."""

    name: str
    service: str
    path: str
    momentary: frozenset[str] = frozenset()

    @property
    def event_name(self) -> str:
        """As in event types and digests: ``Characteristic``."""
        return self.name.capitalize()


_kinds: dict[str, ReferenceKind] = {}


def register(kind: ReferenceKind) -> ReferenceKind:
    """Declare what this service keeps replicas of; gives it back for the handlers and actions to use."""
    _kinds[kind.name] = kind
    return kind


def registered() -> list[ReferenceKind]:
    """Every kind that this service keeps replicas of."""
    return list(_kinds.values())


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
        _fetch(kind, missing)
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
    _fetch(kind, dict.fromkeys(ids))


def _known(kind: ReferenceKind, ids: list[UUID]) -> dict[UUID, Reference]:
    rows = Reference.objects.filter(kind=kind.name, aggregate_id__in=ids)
    return {row.aggregate_id: row for row in rows}


def _fetch(kind: ReferenceKind, ids: Iterable[UUID]) -> None:
    """Many at once: asked for one by one, a slow owner would be waited for as often as there are ids."""
    for some in batched(map(str, ids), AT_ONCE):
        for state in _owners_states(kind, some):
            take(kind, state["id"], state)


def _owners_states(kind: ReferenceKind, ids: Sequence[str]) -> list[dict[str, Any]]:
    if len(ids) == 1:
        state = owners_state(kind, ids[0])
        return [] if state is None else [state]
    told = get(kind.service, kind.path, id=",".join(ids), limit=len(ids)).json()
    return [_lasting(kind, one) for one in told]


def owners_state(kind: ReferenceKind, id_: str) -> dict[str, Any] | None:
    """What the owner says of one now, as its events would; None when it has none. Raises ``Unavailable``."""
    try:
        told = get(kind.service, f"{kind.path}/{id_}").json()
    except NotFound:
        return None
    return _lasting(kind, told)


def _lasting(kind: ReferenceKind, told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in kind.momentary}


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


def overwrite(kind: ReferenceKind, id_: str, state: dict[str, Any] | None, *, seen: int) -> bool:
    """Set a replica that was seen at version ``seen`` to its owner's state, also back to an older version; None: the
    owner has none, so it is deleted. False: an event came meanwhile, and it is left alone."""
    row = Reference.objects.filter(kind=kind.name, aggregate_id=id_, version=seen)
    if state is None:
        return bool(row.update(deleted=True))
    taken = {"name": state.get("name", "")[:200], "version": int(state["version"]), "data": state}
    return bool(row.update(deleted=False, **taken))


def take(kind: ReferenceKind, id_: str, state: dict[str, Any]) -> None:
    """Make a replica from its owner's state; one that came meanwhile and is as new stays."""
    _upsert(kind, id_, int(state["version"]), state, deleted=False)
