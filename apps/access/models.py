"""The person behind a token, as a row that history and Django's LogEntry can point to."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.access.role_user import RoleUser
from apps.access.users import TokenUser


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


class Principal(RoleUser, models.Model):
    """``id`` is the token's ``sub``. There is no password: only identity knows those."""

    id = models.UUIDField(primary_key=True)
    username = models.CharField(max_length=150, db_index=True)
    roles = ArrayField(models.CharField(max_length=20), default=list)

    # A name may be given again after its owner left, so that only the id is unique.
    USERNAME_FIELD = "id"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    is_anonymous = False
    is_authenticated = True

    objects: ClassVar[PrincipalManager] = PrincipalManager()

    class Meta:
        ordering = ["username"]

    def natural_key(self) -> tuple[Any, ...]:
        return (str(self.id),)
