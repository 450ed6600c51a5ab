"""Users, read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.core import clock
from apps.outbox.models import OutboxEvent
from catalog_services.identity.models import User


def users() -> QuerySet[User]:
    return User.objects.order_by("username")


def was_there(username: str) -> bool:
    """Whether there is a user of this name, or ever was, as far as the history goes back."""
    told = OutboxEvent.objects.filter(
        type__startswith="catalog.identity.User", envelope__data__username=username
    )
    return User.objects.filter(username=username).exists() or told.exists()


def user_state(user: User) -> dict[str, Any]:
    """A user as the API shows it; of the password only when it was changed."""
    return {**user_recorded(user), "last_login": clock.iso(user.last_login)}


def user_recorded(user: User) -> dict[str, Any]:
    """What a version of a user is made of, and its event carries: to sign in changes none of it."""
    return {
        **user.head(),
        "username": user.username,
        "email": user.email,
        "roles": user.roles,
        "is_active": user.is_active,
        "password_changed_at": clock.iso(user.password_changed_at),
    }
