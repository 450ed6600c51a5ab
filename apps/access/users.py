"""The caller as a verified token describes them; knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.core.actor import Actor


@dataclass(frozen=True, slots=True)
class TokenUser:
    """What ``request.user`` is in the APIs: light, made from a verified token, never loaded from a table."""

    actor: Actor
    expires_at: datetime

    is_authenticated = True
    is_anonymous = False
    is_active = True

    @property
    def id(self) -> UUID:
        return self.actor.id

    @property
    def pk(self) -> UUID:
        return self.actor.id

    @property
    def username(self) -> str:
        return self.actor.username

    @property
    def roles(self) -> frozenset[str]:
        return self.actor.roles

    def __str__(self) -> str:
        return self.actor.username
