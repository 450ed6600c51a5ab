"""What a user may be called and may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from apps.core.actor import ADMIN, ROLES
from apps.core.errors import collect
from apps.core.messages import Message

USERNAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,149}$"
"""ASCII only, so that no name looks like another; kept in lower case, so that none differs by case alone."""
USERNAME_RULE = Message(
    "Letters A-Z, digits and . _ @ + -, beginning with a letter or digit; 150 characters at most."
)


@dataclass(frozen=True, slots=True)
class UserFacts:
    """A user without the password."""

    username: str = ""
    email: str = ""
    roles: tuple[str, ...] = ()
    is_active: bool = True
    external_id: str | None = None

    def changed(self, fields: Mapping[str, Any]) -> UserFacts:
        """With ``fields`` taken over; roles in the suite's order, each once."""
        values = dict(fields)
        if "username" in values:
            values["username"] = values["username"].strip().lower()
        if "roles" in values:
            given = values["roles"]
            values["roles"] = tuple(r for r in ROLES if r in given) + tuple(
                r for r in given if r not in ROLES
            )
        return replace(self, **values)

    def checked(self) -> UserFacts:
        """Itself; raises ``ValidationFailed`` when a rule is broken."""
        unknown = [role for role in self.roles if role not in ROLES]
        collect(
            {
                "roles": [
                    Message(
                        "Unknown role: {unknown}. There are: {roles}.",
                        unknown=", ".join(unknown),
                        roles=", ".join(ROLES),
                    )
                ]
            }
            if unknown
            else {}
        )
        return self

    @property
    def is_acting_admin(self) -> bool:
        return self.is_active and ADMIN in self.roles
