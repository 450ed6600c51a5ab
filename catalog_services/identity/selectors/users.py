"""Users, read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.core import clock
from catalog_services.identity.models import User


def users() -> QuerySet[User]:
    return User.objects.order_by("username")


def user_state(user: User) -> dict[str, Any]:
    """A user as the API shows it; nothing of the password."""
    return {
        **user.head(),
        "username": user.username,
        "email": user.email,
        "roles": user.roles,
        "is_active": user.is_active,
        "last_login": clock.iso(user.last_login),
    }
