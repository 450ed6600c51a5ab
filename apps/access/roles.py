"""What a role may do in the admin, as one table; the permissions of a person come from nowhere else."""

from __future__ import annotations

from collections.abc import Collection

from apps.core.actor import ADMIN, MANAGER, VIEWER
from config.services import WRITE_SERVICES

_PEOPLE = frozenset({ADMIN, MANAGER, VIEWER})
_ADMINS_ONLY = frozenset({"identity", "access", "auth", "sessions", "outbox", "ops"})
"""App labels that only an admin sees."""


def is_person(roles: Collection[str]) -> bool:
    """True for who may open the admin at all: people with a role, never services."""
    return bool(_PEOPLE.intersection(roles))


def allows(roles: Collection[str], permission: str) -> bool:
    """Whether ``roles`` give a Django permission such as ``pricing.change_price``.

    A viewer views; a manager also does everything to catalog data (the write services' own models);
    an admin does everything.
    """
    if ADMIN in roles:
        return True
    label, _, codename = permission.partition(".")
    if label in _ADMINS_ONLY:
        return False
    if MANAGER in roles and label in WRITE_SERVICES:
        return True
    return is_person(roles) and codename.startswith("view_")


def sees(roles: Collection[str], app_label: str) -> bool:
    """Whether ``roles`` see an app in the admin's index."""
    return ADMIN in roles or (is_person(roles) and app_label not in _ADMINS_ONLY)
