"""Every change of a user through any door leaves who made it and when."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from apps.core import clock
from apps.core.errors import ValidationFailed
from apps.core.ids import parsed
from apps.outbox import history
from apps.outbox.models import OutboxEvent
from catalog_services.identity.actions.demo_users_ensure import demo_users_ensure
from catalog_services.identity.models import User
from tests.services.identity.conftest import CheapArgon2
from tests.services.identity.factories import UserFactory
from tests.services.identity.history.users import ANNA, CLICK, SECRET, URL, USERS, by_form, changed, made
from tests.support import bulk

pytestmark = pytest.mark.django_db

Door = Callable[[APIClient, Client, User | None], Any]


def _by_bulk_edit(admin: Client, user: User) -> None:
    page = bulk.look(admin, bulk.choose(admin, URL, [user]), "roles", way="add", value=["manager", "viewer"])
    bulk.press(admin, page, "Change this 1" if "Change this 1" in page else "Change these 1")


def _deleted_in_the_list(admin: Client, user: User) -> Any:
    chosen = {"action": "delete_selected", "_selected_action": [str(user.pk)], "select_across": "0"}
    return admin.post(URL, {**chosen, "post": "yes", "seen": f"{user.pk}:{user.version}"})


DOORS: dict[str, tuple[str, list[str], Door]] = {
    "REST creates": ("Created", [], lambda rest, admin, anna: rest.post(USERS, ANNA)),
    "REST changes": (
        "Updated",
        ["roles"],
        lambda rest, admin, anna: rest.patch(f"{USERS}/{anna.pk}", {"roles": ["manager"]}),
    ),
    "REST replaces": (
        "Updated",
        ["email", "password_changed_at"],
        lambda rest, admin, anna: rest.put(f"{USERS}/{anna.pk}", {**ANNA, "email": "a@example.com"}),
    ),
    "REST sets a password": (
        "Updated",
        ["password_changed_at"],
        lambda rest, admin, anna: rest.patch(f"{USERS}/{anna.pk}", {"password": "another long phrase"}),
    ),
    "REST switches off": (
        "Updated",
        ["is_active"],
        lambda rest, admin, anna: rest.patch(f"{USERS}/{anna.pk}", {"is_active": False}),
    ),
    "REST deletes": ("Deleted", [], lambda rest, admin, anna: rest.delete(f"{USERS}/{anna.pk}")),
    "the form creates": (
        "Created",
        [],
        lambda rest, admin, anna: admin.post(f"{URL}add/", {**ANNA, "is_active": "on"}),
    ),
    "the form changes": (
        "Updated",
        ["email"],
        lambda rest, admin, anna: by_form(admin, anna, email="a@example.com"),
    ),
    "the form sets a password": (
        "Updated",
        ["password_changed_at"],
        lambda rest, admin, anna: by_form(admin, anna, password="another long phrase"),
    ),
    "the form deletes": (
        "Deleted",
        [],
        lambda rest, admin, anna: admin.post(f"{URL}{anna.pk}/delete/", {"post": "yes"}),
    ),
    "a bulk edit changes": ("Updated", ["roles"], lambda rest, admin, anna: _by_bulk_edit(admin, anna)),
    "the list deletes": ("Deleted", [], lambda rest, admin, anna: _deleted_in_the_list(admin, anna)),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_leaves_who_when_what_and_the_correlation_id(
    rest: APIClient, admin: Client, door: str
) -> None:
    verb, fields, go_through = DOORS[door]
    anna = None if verb == "Created" else made()
    began = clock.now()
    go_through(rest, admin, anna)
    newest, *older = history.versions(anna.pk if anna else User.objects.get(username="anna").pk)
    assert (newest.verb, newest.actor, newest.correlation_id) == (verb, "boss", CLICK)
    assert began <= newest.at <= clock.now()
    assert [one.number for one in (newest, *older)] == ([1] if anna is None else [2, 1])
    if verb == "Updated":
        assert history.changed(older[0].state, newest.state) == fields


def test_a_command_is_in_the_history_as_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n"))
    call_command("create_user", "anna", "--role", "viewer", "--password-stdin")
    for role in ("ADMIN", "MANAGER", "VIEWER"):
        monkeypatch.setenv(f"{role}_PASSWORD", f"{role.lower()} long password")
    call_command("ensure_demo_users")
    monkeypatch.setenv("VIEWER_PASSWORD", "another long password")
    call_command("ensure_demo_users")
    told = {
        name: [(one.verb, one.actor) for one in history.versions(id_)]
        for name, id_ in User.objects.values_list("username", "pk")
    }
    made = [("Created", "system")]
    assert told == {"anna": made, "admin": made, "manager": made, "viewer": [("Updated", "system"), *made]}
    assert all(parsed(id_) for id_ in OutboxEvent.objects.values_list("correlation_id", flat=True))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"email": "nowhere"}, 400),
        ({"password": "1234567890"}, 400),
        ({"email": "a@example.com", "username": "taken"}, 409),
        ({"roles": []}, 409),
    ],
)
def test_a_change_that_is_refused_leaves_no_event(
    rest: APIClient, boss: User, change: dict[str, Any], status: int
) -> None:
    UserFactory(username="taken")
    assert rest.patch(f"{USERS}/{boss.pk}", change).status_code == status
    assert not OutboxEvent.objects.exists()


def test_what_is_taken_back_leaves_no_event(admin: Client) -> None:
    with pytest.raises(ValidationFailed):
        demo_users_ensure(passwords={"admin": SECRET, "manager": "short"})
    bulk.look(admin, bulk.choose(admin, URL, [UserFactory()]), "is_active")
    assert not OutboxEvent.objects.exists()


def test_what_changes_nothing_leaves_no_event() -> None:
    assert changed(made(), roles=["viewer"], email=ANNA["email"]).version == 1
    assert OutboxEvent.objects.count() == 1


def test_to_sign_in_is_no_change_of_the_user(
    login: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = made()
    before = history.versions(anna.pk)
    login(anna, SECRET)
    monkeypatch.setattr(CheapArgon2, "time_cost", 2)  # so that the password is hashed anew
    login(anna, SECRET)
    after = User.objects.get(pk=anna.pk)
    assert after.last_login is not None
    assert after.password != anna.password
    assert (after.version, after.password_changed_at) == (1, anna.password_changed_at)
    assert history.versions(anna.pk) == before
    assert "last_login" not in before[0].state
