"""Asking, at the moment of a delete, whether anything still uses the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from apps.core import states
from apps.core.errors import Conflict
from apps.core.messages import Message
from apps.references.client import get

NAMED = 5
NOT_RETIRED: Mapping[str, Sequence[str]] = {"lifecycle_status": states.NOT_RETIRED}
"""The offerings that count as users: what only retired ones have may be deleted."""


@dataclass(frozen=True, slots=True)
class UsedBy:
    """Who may use it: ``noun`` for messages, the collection ``path`` at ``service``, and its filter by our id.
    ``where`` says which values a field has in those that count."""

    noun: str
    service: str
    path: str
    parameter: str
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)


def refuse_if_used(what: str, id_: UUID, *users: UsedBy) -> None:
    """Raises ``Conflict`` naming the users (``extra`` member ``used_by``), ``Unavailable`` when one cannot be asked."""
    for user in users:
        response = get(user.service, user.path, **{user.parameter: str(id_)}, **user.where, limit=NAMED)
        found = response.json()
        if not found:
            continue
        total = int(response.headers["X-Total-Count"])
        names = ", ".join(str(item["name"]) for item in found)
        raise Conflict(
            _used(what, user.noun, total, names, more=total - len(found)),
            used_by=[{"kind": user.noun, "id": item["id"], "name": item["name"]} for item in found],
        )


def _used(what: str, noun: str, total: int, names: str, *, more: int) -> Message:
    return Message(
        "This {what} is used by {total} {users}: {names}.",
        what=Message(what),
        total=total,
        users=Message(noun if total == 1 else f"{noun}s"),
        names=Message("{names} and {count} more", names=names, count=more) if more else names,
    )
