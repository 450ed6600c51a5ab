"""Who does something: the person or service behind an action, in history, events and logs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

ADMIN, MANAGER, VIEWER, SERVICE = "admin", "manager", "viewer", "service"
ROLES = (ADMIN, MANAGER, VIEWER)
"""Roles a person may have; ``SERVICE`` is given to client-credential tokens only."""


@dataclass(frozen=True, slots=True)
class Actor:
    """``id`` is the token's ``sub``; ``roles`` as in the token."""

    id: UUID
    username: str
    roles: frozenset[str] = frozenset()

    @property
    def is_admin(self) -> bool:
        return ADMIN in self.roles


SYSTEM = Actor(id=UUID(int=0), username="system", roles=frozenset({SERVICE}))
"""The suite itself: sweepers, reconcilers, saga steps without a known requester."""
