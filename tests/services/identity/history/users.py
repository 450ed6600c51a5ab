"""A user, by actions and by the form, and what the page of the history says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.test import Client

from apps.core.actor import ADMIN, Actor
from apps.core.ids import uuid7
from catalog_services.identity.actions.user_create import user_create
from catalog_services.identity.actions.user_update import user_update
from catalog_services.identity.models import User
from tests.support.admin import as_shown

USERS, URL, CLICK = "/api/v1/users", "/admin/identity/user/", "click-1"
SECRET = "a good long phrase"
ANNA = {"username": "anna", "email": "anna@example.com", "roles": ["viewer"], "password": SECRET}
MONA = Actor(uuid7(), "mona", frozenset({ADMIN}))
Screens = Callable[[str], Client]


def made(**fields: Any) -> User:
    return user_create(actor=MONA, fields={**ANNA, **fields})


def changed(user: User, **fields: Any) -> User:
    return user_update(actor=MONA, id=user.pk, fields=fields)


def by_form(admin: Client, user: User, **typed: Any) -> Any:
    url = f"{URL}{user.pk}/change/"
    return admin.post(url, {**as_shown(admin.get(url)), **typed})


def history_page(admin: Client, user: User, **chosen: str) -> str:
    response = admin.get(f"{URL}{user.pk}/history/", chosen)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode().split("<body")[1])
