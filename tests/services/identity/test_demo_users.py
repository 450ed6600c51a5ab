"""The demo's users are made once; what became of them since is nobody's to undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from apps.core.actor import ROLES, SYSTEM
from apps.core.ids import uuid7
from catalog_services.identity.actions.refresh import refresh
from catalog_services.identity.actions.user_create import user_create
from catalog_services.identity.actions.user_delete import user_delete
from catalog_services.identity.actions.user_update import user_update
from catalog_services.identity.models import DemoUser, User
from catalog_services.identity.selectors.users import user_recorded
from tests.support.tokens import Issuer

pytestmark = pytest.mark.django_db

Api = Callable[..., APIClient]
Change = Callable[[User], Any]
CHANGES: dict[str, Change] = {
    "switched off": lambda user: changed(user, is_active=False),
    "without its role": lambda user: changed(user, roles=["manager"]),
    "another password": lambda user: changed(user, password="chosen by a person"),
    "another name": lambda user: changed(user, username="vera"),
    "deleted": lambda user: user_delete(actor=SYSTEM, id=user.pk),
}


@pytest.fixture(autouse=True)
def _passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ROLES:
        monkeypatch.setenv(f"{role.upper()}_PASSWORD", f"{role} long password")


def changed(user: User, **fields: Any) -> User:
    return user_update(actor=SYSTEM, id=user.pk, fields=fields)


def everybody() -> list[tuple[dict[str, Any], str]]:
    return [(user_recorded(user), user.password) for user in User.objects.order_by("username")]


def viewer() -> User:
    return User.objects.get(username="viewer")


def test_demo_users_are_made_once_and_refused_in_production(
    db: None, monkeypatch: pytest.MonkeyPatch, tokens: Issuer, api: Api
) -> None:
    for role in ("ADMIN", "MANAGER", "VIEWER"):
        monkeypatch.setenv(f"{role}_PASSWORD", f"{role.lower()} long password")
    call_command("ensure_demo_users")
    before = list(User.objects.values_list("username", "version", "roles"))
    call_command("ensure_demo_users")
    assert list(User.objects.values_list("username", "version", "roles")) == before
    assert [name for name, _, _ in before] == ["admin", "manager", "viewer"]
    login = {"username": "viewer", "password": "viewer long password"}
    pair = api(None).post("/api/v1/auth/login", login).json()
    monkeypatch.setenv("VIEWER_PASSWORD", "another long password")
    call_command("ensure_demo_users")
    assert api(None).post("/api/v1/auth/login", login).status_code == 401
    with pytest.raises(Exception, match="not valid"):
        refresh(token=pair["refresh_token"])
    User.objects.all().delete()
    monkeypatch.setenv("CATALOG_ENV", "production")
    with pytest.raises(CommandError, match="production"):
        call_command("ensure_demo_users")
    assert not User.objects.exists()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_somebody_did_to_one_stays(change: Change) -> None:
    call_command("ensure_demo_users")
    change(viewer())
    before = everybody()
    call_command("ensure_demo_users")
    assert everybody() == before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_was_done_to_one_before_it_was_noted_which_were_made_stays(change: Change) -> None:
    call_command("ensure_demo_users")
    change(viewer())
    before = everybody()
    DemoUser.objects.all().delete()
    call_command("ensure_demo_users")
    call_command("ensure_demo_users")
    assert everybody() == before


@pytest.mark.parametrize("noted", [True, False])
def test_a_changed_password_is_set_once_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, noted: bool
) -> None:
    call_command("ensure_demo_users")
    if not noted:
        DemoUser.objects.all().delete()
        call_command("ensure_demo_users")
    changed(viewer(), password="chosen by a person", is_active=False, roles=[])
    monkeypatch.setenv("VIEWER_PASSWORD", "another long password")
    call_command("ensure_demo_users")
    assert viewer().check_password("another long password")
    assert (viewer().is_active, viewer().roles) == (False, [])
    changed(viewer(), password="chosen by a person")
    call_command("ensure_demo_users")
    assert viewer().check_password("chosen by a person")


def test_a_changed_password_is_not_for_somebody_else_of_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("ensure_demo_users")
    user_delete(actor=SYSTEM, id=viewer().pk)
    fields = {"username": "viewer", "roles": ["viewer"], "password": "chosen by a person"}
    user_create(actor=SYSTEM, fields={**fields, "external_id": str(uuid7())})
    monkeypatch.setenv("VIEWER_PASSWORD", "another long password")
    call_command("ensure_demo_users")
    assert viewer().check_password("chosen by a person")


def test_a_dry_run_says_who_would_be_made_or_changed_and_changes_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("ensure_demo_users", "--dry-run")
    assert capsys.readouterr().out == "would make or change: admin, manager, viewer\n"
    assert not User.objects.exists()
    call_command("ensure_demo_users")
    before = everybody()
    monkeypatch.setenv("VIEWER_PASSWORD", "another long password")
    capsys.readouterr()
    call_command("ensure_demo_users", "--dry-run")
    assert capsys.readouterr().out == "would make or change: viewer\n"
    assert everybody() == before
    call_command("ensure_demo_users")
    assert viewer().check_password("another long password")
