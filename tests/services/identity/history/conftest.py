"""An admin, with a browser and as a client of the REST API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import settings as conf
from django.test import Client
from rest_framework.test import APIClient

from apps.core import correlation
from catalog_services.identity.models import User
from tests.services.identity.factories import UserFactory
from tests.services.identity.history.users import CLICK, Screens
from tests.support.tokens import Issuer


@pytest.fixture
def boss() -> User:
    return UserFactory(username="boss", roles=["admin"])


@pytest.fixture
def screens(tokens: Issuer, boss: User) -> Screens:
    """``screens("admin")``: a browser of that role; an admin's is the boss's."""

    def browser(role: str) -> Client:
        user = boss if role == "admin" else UserFactory(roles=[role])
        made = Client(headers={correlation.HEADER: CLICK})
        made.cookies[conf.ACCESS_COOKIE] = tokens.make(role, sub=user.pk, username=user.username)
        return made

    return browser


@pytest.fixture
def admin(screens: Screens) -> Client:
    return screens("admin")


@pytest.fixture
def rest(api: Callable[..., APIClient], boss: User) -> APIClient:
    client = api(user=boss)
    client.defaults["HTTP_X_CORRELATION_ID"] = CLICK
    return client
