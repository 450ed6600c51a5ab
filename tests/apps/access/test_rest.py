"""The DRF edge, on the characteristic service's real endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.access.models import Principal
from tests.support.hostile_tokens import HostileTokens, assert_unauthenticated
from tests.support.tokens import Issuer

PATH = "/api/v1/characteristics"


class TestHostileTokens(HostileTokens):
    path = PATH


@pytest.mark.parametrize("role", ["viewer", "manager", "admin", "service"])
def test_every_role_may_read(db: None, api: Callable[..., APIClient], role: str) -> None:
    assert api(role).get(PATH).status_code == 200


@pytest.mark.parametrize(
    ("role", "status"), [("viewer", 403), ("service", 403), ("manager", 400), ("admin", 400)]
)
def test_only_managers_and_admins_may_write(
    db: None, api: Callable[..., APIClient], role: str, status: int
) -> None:
    assert api(role).post(PATH, {}).status_code == status


def test_a_token_without_a_known_role_may_not_even_read(db: None, api: Callable[..., APIClient]) -> None:
    assert api(["owner"]).get(PATH).status_code == 403
    assert api([]).get(PATH).status_code == 403


def test_without_a_token_it_is_401(api: Callable[..., APIClient]) -> None:
    assert_unauthenticated(api(None).get(PATH))


def test_a_cookie_is_no_way_into_the_api(
    db: None, api: Callable[..., APIClient], tokens: Issuer, settings: Any
) -> None:
    client = api(None)
    client.cookies[settings.ACCESS_COOKIE] = tokens.make("admin")
    assert_unauthenticated(client.get(PATH))


def test_the_caller_gets_a_row_of_its_own_that_follows_its_token(
    db: None, api: Callable[..., APIClient], tokens: Issuer
) -> None:
    sub = tokens.claims("manager")["sub"]
    api("manager", sub=sub, username="anna").get(PATH)
    api("viewer", sub=sub, username="anna.new").get(PATH)
    assert [(str(p.id), p.username, p.roles) for p in Principal.objects.all()] == [
        (sub, "anna.new", ["viewer"])
    ]


def test_a_known_caller_costs_no_write(db: None, api: Callable[..., APIClient]) -> None:
    client = api("viewer")
    client.get(PATH)
    with CaptureQueriesContext(connection) as queries:
        client.get(PATH)
    assert not [q for q in queries if "access_principal" in q["sql"]]
