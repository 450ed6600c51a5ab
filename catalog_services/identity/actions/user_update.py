from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.core import clock
from apps.core.actor import ADMIN, Actor
from apps.core.errors import Conflict
from apps.core.messages import Message
from apps.core.writes import assign, columns, lock, save
from apps.outbox.record import record_change
from catalog_services.identity.actions.password import set_password
from catalog_services.identity.domain.user import UserFacts
from catalog_services.identity.kinds import USER
from catalog_services.identity.models import User


@transaction.atomic
def user_update(
    *, actor: Actor, id: UUID, fields: Mapping[str, Any], expected_version: int | None = None
) -> User:
    """Change the given fields. A new password or being switched off ends the user's sessions.

    Raises ``NotFound``, ``PreconditionFailed``, ``ValidationFailed``, and ``Conflict`` (name taken, or nobody
    would be left to administer).
    """
    lock_admins()
    user = lock(User, id, expected_version=expected_version)
    values = dict(fields)
    password = values.pop("password", "")
    before = to_domain(user)
    after = before.changed(values).checked()
    if before.is_acting_admin and not after.is_acting_admin:
        refuse_if_last_admin(user)
    changed = assign(user, columns(after))
    if password:
        set_password(user, password)
        if not changed:
            user.bump()
    if changed or password:
        save(user)
        record_change(USER, "Updated", user, actor=actor)
    if password or not user.is_active:
        user.families.filter(revoked_at=None).update(revoked_at=clock.now())
    return user


def to_domain(user: User) -> UserFacts:
    """A row as the domain sees it."""
    return UserFacts(
        username=user.username,
        email=user.email,
        roles=tuple(user.roles),
        is_active=user.is_active,
        external_id=user.external_id,
    )


def lock_admins() -> None:
    """Serialise changes that could leave nobody to administer: every admin's row, in one order."""
    list(User.objects.select_for_update().filter(roles__contains=[ADMIN]).order_by("pk").values_list("pk"))


def refuse_if_last_admin(user: User) -> None:
    """Raise ``Conflict`` when no other active admin is there; the caller holds the admins' locks."""
    others = User.objects.filter(is_active=True, roles__contains=[ADMIN]).exclude(pk=user.pk)
    if not others.exists():
        raise Conflict(Message("This is the last active admin: nobody could administer users any more."))
