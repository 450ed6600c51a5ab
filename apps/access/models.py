"""The person behind a token, as a row that history and Django's LogEntry can point to."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.access import roles as table
from apps.access.users import TokenUser
from apps.core.actor import Actor


class RoleUser(models.Model):
    """What Django and its admin ask of a user, answered from ``roles`` alone."""

    id: models.UUIDField[UUID, UUID]
    username: models.CharField[str, str]
    roles: ArrayField[list[str], list[str]]

    class Meta:
        abstract = True

    is_anonymous = False
    is_authenticated = True

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

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        return bool(getattr(self, "is_active", True)) and table.allows(self.roles, perm)

    def has_perms(self, perms: Collection[str], obj: models.Model | None = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return bool(getattr(self, "is_active", True)) and table.sees(self.roles, app_label)

    def __str__(self) -> str:
        return self.username


class PrincipalManager(models.Manager["Principal"]):
    """Principals come from verified tokens only."""

    _known: ClassVar[dict[UUID, tuple[str, frozenset[str]]]] = {}
    """What this process has written, so that a caller costs one write per change and not one per request."""

    def for_token(self, user: TokenUser) -> Principal:
        """The principal of a verified token; its row is there and current when this returns."""
        principal = Principal(id=user.id, username=user.username, roles=sorted(user.roles))
        seen = (user.username, user.roles)
        if self._known.get(user.id) != seen:
            self.bulk_create(
                [principal], update_conflicts=True, unique_fields=["id"], update_fields=["username", "roles"]
            )
            self._known[user.id] = seen
        principal._state.adding = False
        return principal

    @classmethod
    def forget(cls) -> None:
        """Write again whoever comes next; for tests, whose rows vanish with their transaction."""
        cls._known.clear()


class Principal(RoleUser):
    """``id`` is the token's ``sub``. There is no password: only identity knows those."""

    id = models.UUIDField(primary_key=True)
    username = models.CharField(max_length=150, db_index=True)
    roles = ArrayField(models.CharField(max_length=20), default=list)

    # A name may be given again after its owner left, so that only the id is unique.
    USERNAME_FIELD = "id"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    is_active = True

    objects: ClassVar[PrincipalManager] = PrincipalManager()

    class Meta:
        ordering = ["username"]

    def natural_key(self) -> tuple[Any, ...]:
        return (str(self.id),)
