"""The rules of the category tree (TMF620 Category)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from apps.core.errors import ValidationFailed, collect
from apps.core.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A node of the tree; a root has no parent."""

    name: str
    description: str = ""
    external_id: str | None = None
    parent_id: UUID | None = None

    def changed(self, fields: Mapping[str, Any]) -> Self:
        return replace(self, **fields)

    def checked(self) -> Self:
        """Normalised and valid by itself. Raises ``ValidationFailed``."""
        tidy = replace(self, name=self.name.strip())
        collect({} if tidy.name else {"name": [Message("May not be empty.")]})
        return tidy


def check_tree(id_: UUID, parent_id: UUID | None, parents: Mapping[UUID, UUID | None]) -> None:
    """Raises ``ValidationFailed`` on ``parent_id`` when it is unknown or would close a circle.

    ``parents`` maps every category to its parent.
    """
    if parent_id is not None and parent_id not in parents:
        message = Message("There is no {kind} with id {ids}.", kind=Message("category"), ids=parent_id)
        raise ValidationFailed(message, errors={"parent_id": [message]})
    ancestor, steps = parent_id, 0
    while ancestor is not None and steps <= len(parents):
        if ancestor == id_:
            message = Message("A category cannot be below itself.")
            raise ValidationFailed(message, errors={"parent_id": [message]})
        ancestor, steps = parents.get(ancestor), steps + 1
