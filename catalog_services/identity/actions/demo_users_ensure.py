from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from apps.core.actor import SYSTEM
from catalog_services.identity.actions.user_create import user_create
from catalog_services.identity.actions.user_update import user_update
from catalog_services.identity.models import DemoUser, User
from catalog_services.identity.selectors.users import was_there


@transaction.atomic
def demo_users_ensure(*, passwords: Mapping[str, str]) -> list[str]:
    """One user per role, named like it, with this password; the names of those made or changed.

    Each is made once. Afterwards it gets a password when that is another one than the last time, and nothing else:
    whom somebody switched off, deleted or gave a password of their own stays so.
    """
    changed = []
    known = {one.role: one for one in DemoUser.objects.select_for_update()}
    for role, password in passwords.items():
        if role not in known:
            if not was_there(role):
                _make(role, password)
                changed.append(role)
            else:
                _note_as_it_is(role, password)
        elif not check_password(password, known[role].password_hash) and _renew(known[role], password):
            changed.append(role)
    return changed


def _make(role: str, password: str) -> None:
    fields: dict[str, Any] = {
        "username": role,
        "email": f"{role}@example.com",
        "roles": [role],
        "password": password,
    }
    user = user_create(actor=SYSTEM, fields=fields)
    DemoUser.objects.create(role=role, user_id=user.pk, password_hash=user.password)


def _note_as_it_is(role: str, password: str) -> None:
    """Who was there before it was kept who was made."""
    user = User.objects.filter(username=role).first()
    DemoUser.objects.create(
        role=role, user_id=user.pk if user else None, password_hash=make_password(password)
    )


def _renew(known: DemoUser, password: str) -> bool:
    """Take over a password that is another one now; whether the user is there to get it."""
    known.password_hash = make_password(password)
    known.save(update_fields=["password_hash"])
    user = User.objects.filter(username=known.role).first()
    if user is None or user.pk != known.user_id:
        return False
    user_update(actor=SYSTEM, id=user.pk, fields={"password": password})
    return True
