"""The list of users, edited several at once by an admin."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from catalog_services.identity.models import User
from tests.services.identity.factories import UserFactory
from tests.support.admin import plan_of_a_search
from tests.support.bulk import choose, look, press, table
from tests.support.tokens import Issuer

URL = "/admin/identity/user/"


@pytest.fixture
def client_of_an_admin(client: Client, tokens: Issuer) -> Client:
    boss = UserFactory(username="boss", roles=["admin"])
    client.cookies[settings.ACCESS_COOKIE] = tokens.make("admin", sub=boss.pk, username=boss.username)
    return client


def test_a_role_is_given_to_several(client_of_an_admin: Client) -> None:
    rows = [UserFactory(username="anna", roles=["viewer"]), UserFactory(username="ben", roles=[])]
    page = choose(client_of_an_admin, URL, rows)
    page = look(client_of_an_admin, page, "roles", way="add", value=["manager"])
    press(client_of_an_admin, page, "Change these 2")
    assert {row.username: set(row.roles) for row in User.objects.exclude(username="boss")} == {
        "anna": {"viewer", "manager"},
        "ben": {"manager"},
    }


def test_a_preview_is_in_the_words_of_the_language(client_of_an_admin: Client) -> None:
    client_of_an_admin.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    page = choose(client_of_an_admin, URL, [UserFactory(username="anna", roles=["viewer"])])
    page = look(client_of_an_admin, page, "roles", way="set", value=["viewer", "admin"])
    assert table(page, "changed") == [["anna", "Lesezugriff", "Administration, Lesezugriff"]]


def test_the_last_admin_is_refused_and_the_others_are_switched_off(client_of_an_admin: Client) -> None:
    rows = [User.objects.get(username="boss"), UserFactory(username="anna", roles=["viewer"])]
    page = look(client_of_an_admin, choose(client_of_an_admin, URL, rows), "is_active")
    assert [name for name, _reason in table(page, "refused")] == ["boss"]
    press(client_of_an_admin, page, "Change these 1")
    assert list(User.objects.filter(is_active=False).values_list("username", flat=True)) == ["anna"]


@pytest.mark.django_db
def test_a_search_has_its_index() -> None:
    assert "user_search" in plan_of_a_search(User, "nna")


def test_a_password_is_changed_by_the_user_form_alone(client_of_an_admin: Client) -> None:
    """The stock admin's own page for it would leave no event, and every session as it is."""
    for page in ("password_change/", "auth/group/"):
        assert client_of_an_admin.get(f"/admin/{page}").status_code == 404
