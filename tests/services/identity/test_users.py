"""/api/v1/users and /api/v1/auth/me."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from catalog_services.identity.actions.sign_in import sign_in
from catalog_services.identity.models import User
from tests.services.identity.factories import UserFactory
from tests.support.hostile_tokens import HostileTokens, assert_unauthenticated
from tests.support.sent_back import comes_back_as_read

USERS, ME = "/api/v1/users", "/api/v1/auth/me"
NEW = {
    "username": "anna",
    "password": "a good long phrase",
    "email": "anna@example.com",
    "roles": ["manager"],
}
Api = Callable[..., APIClient]


class TestHostileTokens(HostileTokens):
    path = ME


class TestHostileTokensAtThePublicLogin(HostileTokens):
    path, method = "/api/v1/auth/login", "post"


class TestHostileTokensAtThePublicKeys(HostileTokens):
    path = "/.well-known/jwks.json"


def test_the_life_of_a_user(api: Api) -> None:
    client = api("admin")
    made = client.post(USERS, NEW)
    assert made.status_code == 201, made.content
    assert made["Location"] == f"{USERS}/{made.json()['id']}"
    assert made["ETag"] == '"1"'
    assert made.json()["roles"] == ["manager"]
    one = made["Location"]
    assert client.get(one).json() == made.json()
    changed = client.patch(one, {"email": "a@example.com"})
    assert (changed.status_code, changed.json()["version"], changed["ETag"]) == (200, 2, '"2"')
    assert client.put(one, NEW).json()["email"] == NEW["email"]
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_what_is_read_may_be_sent_back(api: Api) -> None:
    client = api("admin")
    made = client.post(USERS, {**NEW, "roles": ["viewer", "manager"], "external_id": "u-1"})
    comes_back_as_read(client, made["Location"])


def test_who_signs_in_meanwhile_does_not_stop_a_change_of_what_was_read(api: Api) -> None:
    client = api("admin")
    one = client.post(USERS, NEW)["Location"]
    read = client.get(one).json()
    sign_in(username=NEW["username"], password=NEW["password"], address="127.0.0.1")
    changed = client.put(one, {**read, "email": "other@example.com"})
    assert (changed.status_code, changed.json().get("email")) == (200, "other@example.com"), changed.json()
    assert changed.json()["last_login"] != read["last_login"]


def test_no_answer_ever_holds_a_password(api: Api) -> None:
    client = api("admin")
    made = client.post(USERS, NEW)
    for response in (made, client.get(made["Location"]), client.get(USERS)):
        assert NEW["password"] not in response.content.decode()
        assert b'"password"' not in response.content
        assert b"argon2" not in response.content


def test_passwords_are_kept_as_argon2(api: Api) -> None:
    api("admin").post(USERS, NEW)
    user = User.objects.get(username="anna")
    assert user.password.startswith("argon2")
    assert user.check_password(NEW["password"])


@pytest.mark.parametrize("role", ["manager", "viewer", "service"])
def test_only_admins_see_or_change_users(api: Api, role: str) -> None:
    client, one = api(role), f"{USERS}/{UserFactory().pk}"
    answers = [
        client.get(USERS),
        client.post(USERS, NEW),
        client.get(one),
        client.put(one, NEW),
        client.patch(one, {}),
        client.delete(one),
    ]
    assert [a.status_code for a in answers] == [403] * 6
    assert_unauthenticated(api(None).get(USERS))


def test_lists_are_arrays_with_counts_filters_search_and_order(api: Api) -> None:
    client = api("admin")
    for name, roles in [("zoe", ["viewer"]), ("ben", ["manager"]), ("cleo", ["manager", "viewer"])]:
        UserFactory(username=name, roles=roles)

    def names(query: str) -> list[str]:
        response = client.get(f"{USERS}?{query}")
        assert response.status_code == 200, response.content
        return [user["username"] for user in response.json()]

    assert names("role=viewer") == ["cleo", "zoe"]
    assert names("search=ben") == ["ben"]
    assert names("is_active=false") == []
    assert names("is_active=true&search=zo") == ["zoe"]
    assert names("username=zoe") == ["zoe"]
    assert names("role=manager&ordering=-username&limit=1") == ["cleo"]
    page = client.get(f"{USERS}?limit=1")
    assert (page["X-Total-Count"], page["X-Result-Count"]) == ("4", "1")
    assert 'rel="next"' in page["Link"]


@pytest.mark.parametrize(
    "query", ["colour=red", "role=owner", "limit=0", "ordering=password", "is_active=perhaps"]
)
def test_an_unknown_or_wrong_parameter_is_400_and_named(api: Api, query: str) -> None:
    response = api("admin").get(f"{USERS}?{query}")
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [query.split("=", maxsplit=1)[0]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "an na"}, "username"),
        ({"username": "\u0430nna"}, "username"),
        ({"username": "a" * 151}, "username"),
        ({"email": "nowhere"}, "email"),
        ({"roles": ["owner"]}, "roles.0"),
        ({"roles": "admin"}, "roles"),
        ({"password": "short"}, "password"),
        ({"password": "1234567890"}, "password"),
        ({"password": None}, "password"),
        ({"is_active": "perhaps"}, "is_active"),
        ({"is_superuser": True}, "is_superuser"),
        ({"username": "an\x00na"}, "username"),
    ],
)
def test_bad_input_is_400_and_names_the_field(api: Api, change: dict[str, Any], field: str) -> None:
    response = api("admin").post(USERS, {**NEW, **change})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]


@pytest.mark.parametrize("username", ["Müller", "eve 44926", "-anna", "a" * 151])
def test_a_name_that_cannot_be_is_told_what_one_may_hold(api: Api, username: str) -> None:
    refused = api("admin").post(USERS, {**NEW, "username": username})
    assert refused.status_code == 400
    assert refused.json()["errors"] == {
        "username": [
            "Letters A-Z, digits and . _ @ + -, beginning with a letter or digit; 150 characters at most."
        ]
    }


def test_a_create_without_a_password_names_it(api: Api) -> None:
    response = api("admin").post(USERS, {"username": "anna"})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["password"])


def test_a_name_is_taken_in_any_case(api: Api) -> None:
    existing = UserFactory(username="anna")
    response = api("admin").post(USERS, {**NEW, "username": "ANNA"})
    assert response.status_code == 409
    assert list(response.json()["errors"]) == ["username"]
    assert response.json()["existing_id"] == str(existing.pk)


def test_of_two_editors_the_second_gets_412(api: Api) -> None:
    client, one = api("admin"), f"{USERS}/{UserFactory().pk}"
    assert client.patch(one, {"email": "a@example.com"}, HTTP_IF_MATCH='"1"').status_code == 200
    second = client.patch(one, {"email": "b@example.com"}, HTTP_IF_MATCH='"1"')
    assert second.status_code == 412
    assert client.get(one).json()["email"] == "a@example.com"


def test_a_change_that_changes_nothing_makes_no_version(api: Api) -> None:
    user = UserFactory(roles=["manager", "viewer"])
    response = api("admin").patch(f"{USERS}/{user.pk}", {"roles": ["viewer", "manager"]})
    assert response.json()["version"] == 1


@pytest.mark.parametrize("way", ["delete", "demote", "switch off"])
def test_the_last_admin_cannot_go(api: Api, way: str) -> None:
    admin = UserFactory(roles=["admin"])
    UserFactory(roles=["admin"], is_active=False)
    client, one = api(user=admin), f"{USERS}/{admin.pk}"
    response = {
        "delete": lambda: client.delete(one),
        "demote": lambda: client.patch(one, {"roles": ["manager"]}),
        "switch off": lambda: client.patch(one, {"is_active": False}),
    }[way]()
    assert response.status_code == 409
    UserFactory(roles=["admin"])
    assert client.patch(one, {"roles": ["manager"]}).status_code == 200


def test_a_demoted_or_deleted_admin_loses_power_here_at_once(api: Api) -> None:
    UserFactory(roles=["admin"])
    admin = UserFactory(roles=["admin"])
    client = api(user=admin)
    User.objects.filter(pk=admin.pk).update(roles=["viewer"])
    assert client.get(USERS).status_code == 403
    assert client.get(ME).json()["roles"] == ["viewer"]
    User.objects.filter(pk=admin.pk).delete()
    assert_unauthenticated(client.get(ME))


def test_me_says_who_i_am(api: Api) -> None:
    user = UserFactory(roles=["viewer"])
    assert api(user=user).get(ME).json() == {
        "id": str(user.pk),
        "username": user.username,
        "roles": ["viewer"],
    }
    assert api("service").get(ME).json()["roles"] == ["service"]


def test_create_user_takes_the_password_from_standard_input(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a good long phrase\n"))
    call_command("create_user", "Anna", "--role", "admin", "--role", "manager", "--password-stdin")
    user = User.objects.get(username="anna")
    assert user.roles == ["admin", "manager"]
    assert user.check_password("a good long phrase")


@pytest.mark.parametrize(
    ("name", "email", "wrong"),
    [
        ("", "", "username"),
        ("Jürgen Müller", "", "username"),
        ("\N{CYRILLIC SMALL LETTER A}dmin", "", "username"),
        ("x" * 151, "", "username"),
        ("anna", "no address", "email"),
        ("anna", f"{'x' * 250}@example.com", "email"),
    ],
)
def test_create_user_refuses_what_no_form_would_take(
    db: None, monkeypatch: pytest.MonkeyPatch, name: str, email: str, wrong: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a good long phrase\n"))
    with pytest.raises(CommandError, match=f"^{wrong}: "):
        call_command("create_user", name, "--email", email, "--role", "viewer", "--password-stdin")
    assert not User.objects.exists()
