"""What a user model adds to its columns ``id``, ``username`` and ``roles`` to satisfy Django and its admin."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from apps.access import roles as table
from apps.core.actor import Actor


class RoleUser:
    """What Django and its admin ask of a user, answered from ``roles`` alone."""

    id: Any
    username: Any
    roles: Any
    is_active: Any = True

    @property
    def actor(self) -> Actor:
        return Actor(id=self.id, username=self.username, roles=frozenset(self.roles))

    @property
    def is_staff(self) -> bool:
        return table.is_person(self.roles)

    @property
    def is_superuser(self) -> bool:
        return self.actor.is_admin

    def get_username(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return self.username

    def get_short_name(self) -> str:
        return self.username

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return bool(self.is_active) and table.allows(self.roles, perm)

    def has_perms(self, perms: Collection[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return bool(self.is_active) and table.sees(self.roles, app_label)

    def __str__(self) -> str:
        return self.username
