from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from apps.core.actor import SYSTEM
from catalog_services.identity.actions.user_create import user_create
from catalog_services.identity.actions.user_update import user_update
from catalog_services.identity.models import User


@transaction.atomic
def demo_users_ensure(*, passwords: Mapping[str, str]) -> list[str]:
    """One user per role, named like it, with this password; the names of those made or changed."""
    changed = []
    for role, password in passwords.items():
        user = User.objects.filter(username=role).first()
        if user is None:
            fields: dict[str, Any] = {
                "username": role,
                "email": f"{role}@example.com",
                "roles": [role],
                "password": password,
            }
            user_create(actor=SYSTEM, fields=fields)
        elif not user.is_active or role not in user.roles or not user.check_password(password):
            fields = {"roles": [*user.roles, role], "is_active": True, "password": password}
            user_update(actor=SYSTEM, id=user.pk, fields=fields)
        else:
            continue
        changed.append(role)
    return changed
