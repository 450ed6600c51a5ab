from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.core.actor import Actor
from apps.core.writes import lock
from apps.outbox.record import record_deletion
from catalog_services.identity.actions.user_update import lock_admins, refuse_if_last_admin, to_domain
from catalog_services.identity.kinds import USER
from catalog_services.identity.models import User


@transaction.atomic
def user_delete(*, actor: Actor, id: UUID, expected_version: int | None = None) -> None:
    """Delete a user and their sessions; their history stays.

    Raises ``NotFound``, ``PreconditionFailed``, and ``Conflict`` for the last active admin.
    """
    lock_admins()
    user = lock(User, id, expected_version=expected_version)
    if to_domain(user).is_acting_admin:
        refuse_if_last_admin(user)
    record_deletion(USER, user, actor=actor)
    user.delete()
