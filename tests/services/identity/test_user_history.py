"""The history of a user: every change through any door, who made it and when, and never a password."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

import pgtrigger
import pytest
from django.apps import apps
from django.conf import settings as conf
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils.formats import date_format
from rest_framework.test import APIClient

from apps.core import clock, correlation
from apps.core.actor import ADMIN, Actor
from apps.core.errors import ValidationFailed
from apps.core.ids import parsed, uuid7
from apps.outbox import history
from apps.outbox.models import Delivery, OutboxEvent
from catalog_services.identity.actions.demo_users_ensure import demo_users_ensure
from catalog_services.identity.actions.sign_in import begin_family
from catalog_services.identity.actions.user_create import user_create
from catalog_services.identity.actions.user_delete import user_delete
from catalog_services.identity.actions.user_update import user_update
from catalog_services.identity.models import User
from catalog_services.identity.selectors.users import user_recorded
from tests.services.identity.conftest import CheapArgon2
from tests.services.identity.factories import UserFactory
from tests.support import bulk
from tests.support.admin import as_shown, meanwhile
from tests.support.event_schemas import check_recorded_events
from tests.support.tokens import Issuer

pytestmark = pytest.mark.django_db

USERS, URL, CLICK = "/api/v1/users", "/admin/identity/user/", "click-1"
SECRET = "a good long phrase"
ANNA = {"username": "anna", "email": "anna@example.com", "roles": ["viewer"], "password": SECRET}
MONA = Actor(uuid7(), "mona", frozenset({ADMIN}))
Screens = Callable[[str], Client]


def made(**fields: Any) -> User:
    return user_create(actor=MONA, fields={**ANNA, **fields})


def changed(user: User, **fields: Any) -> User:
    return user_update(actor=MONA, id=user.pk, fields=fields)


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


Door = Callable[[APIClient, Client, User | None], Any]


def _by_form(admin: Client, user: User, **typed: Any) -> Any:
    url = f"{URL}{user.pk}/change/"
    return admin.post(url, {**as_shown(admin.get(url)), **typed})


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
        lambda rest, admin, anna: _by_form(admin, anna, email="a@example.com"),
    ),
    "the form sets a password": (
        "Updated",
        ["password_changed_at"],
        lambda rest, admin, anna: _by_form(admin, anna, password="another long phrase"),
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


def test_neither_a_password_nor_its_hash_is_in_any_event(
    rest: APIClient, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = [f"{SECRET}, the {n}th" for n in range(4)]
    hashes = []

    def hashed() -> User:
        user = User.objects.get(username="anna")
        hashes.append(user.password)
        return user

    rest.post(USERS, {**ANNA, "password": planted[0]})
    anna = hashed()
    rest.patch(f"{USERS}/{anna.pk}", {"password": planted[1]})
    hashed()
    _by_form(admin, anna, password=planted[2])
    assert hashed().check_password(planted[2])
    user_delete(actor=MONA, id=anna.pk)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{planted[3]}\n"))
    call_command("create_user", "anna", "--role", "viewer", "--password-stdin")
    hashed()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM outbox_outboxevent e")
        kept = cursor.fetchone()[0]
    assert OutboxEvent.objects.count() == 5
    assert len({*planted, *hashes}) == 8
    assert [secret for secret in (*planted, *hashes, "argon2") if secret in kept] == []


def test_that_a_password_was_changed_is_seen_and_when(rest: APIClient, admin: Client) -> None:
    then = clock.now() - timedelta(days=3)
    with clock.pinned(then):
        anna = made()
    one = f"{USERS}/{anna.pk}"
    assert rest.get(one).json()["password_changed_at"] == clock.iso(then)
    assert rest.patch(one, {"email": "a@example.com"}).json()["password_changed_at"] == clock.iso(then)
    now = rest.patch(one, {"password": "another long phrase"}).json()["password_changed_at"]
    assert now > str(clock.iso(then))
    refused = rest.patch(one, {"password_changed_at": None})
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["password_changed_at"])
    form = admin.get(f"{URL}{anna.pk}/change/").content.decode()
    assert "Password changed at" in form
    assert 'name="password_changed_at' not in form
    before, after = (date_format(clock.moment(at), "SHORT_DATETIME_FORMAT") for at in (clock.iso(then), now))
    seen = rf"Password changed at:</span> <del[^>]*>{before}</del> → <span>{after}<"
    assert re.search(seen, _history(admin, anna))


def test_an_event_carries_what_rest_says_without_the_sign_in_and_fits_its_schema(rest: APIClient) -> None:
    anna = made(external_id="hr-7")
    changed(anna, is_active=False, email="")
    body = rest.get(f"{USERS}/{anna.pk}").json()
    del body["last_login"]
    assert history.versions(anna.pk)[0].state == body
    user_delete(actor=MONA, id=anna.pk)
    verbs = {f"catalog.identity.User{verb}.v1" for verb in ("Created", "Updated", "Deleted")}
    assert check_recorded_events() == verbs


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outbox_outboxevent SET envelope = '{}'",
        "DELETE FROM outbox_outboxevent",
        "TRUNCATE outbox_outboxevent, outbox_delivery",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_event(statement: str) -> None:
    made()
    pgtrigger.enable("outbox.OutboxEvent:never_emptied")  # which tests do without
    with (
        pytest.raises(ProgrammingError, match="Events are history"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert OutboxEvent.objects.count() == 1


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


def _history(admin: Client, user: User, **chosen: str) -> str:
    response = admin.get(f"{URL}{user.pk}/history/", chosen)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode().split("<body")[1])


def test_the_page_has_every_version_and_puts_two_side_by_side(admin: Client) -> None:
    anna = made()
    changed(anna, email="b@example.com")
    changed(anna, roles=["viewer", "manager"], email="c@example.com", is_active=False)
    page = _history(admin, anna, a="1", b="3")
    assert re.search(r"Email:</span> <del[^>]*>b@example.com</del> → <span>c@example.com<", page)
    assert re.search(r"Roles:</span> <del[^>]*>viewer</del> → <span>manager, viewer<", page)
    assert re.search(r"Is active:</span> <del[^>]*>yes</del> → <span>no<", page)
    compared = page.split('id="comparison"')[1].split("</table>")[0]
    assert "anna@example.com" in compared
    assert "c@example.com" in compared
    assert "b@example.com" not in compared
    assert page.count(">mona<") == 3


def test_a_deleted_users_history_is_still_seen(admin: Client) -> None:
    anna = made()
    user_delete(actor=MONA, id=anna.pk)
    page = _history(admin, anna)
    assert "Deleted" in page
    assert not User.objects.filter(pk=anna.pk).exists()
    assert f"<bdi>{anna.username}</bdi>" in admin.get(f"{URL}deleted/").content.decode()


def test_a_new_user_begins_as_any_version_was_and_without_a_password(admin: Client) -> None:
    anna = made(external_id="hr-7")
    changed(anna, email="b@example.com", roles=["manager"])
    page = admin.get(f"{URL}add/", {"from": str(anna.pk), "version": "1"})
    begun = as_shown(page)
    assert (begun["email"], begun["roles"]) == (["anna@example.com"], ["viewer"])
    assert (begun["password"], begun["external_id"]) == ([""], [""])


@pytest.mark.parametrize("role", ["viewer", "manager"])
def test_only_admins_see_any_of_it(screens: Screens, role: str) -> None:
    anna, gone = made(), made(username="gone")
    user_delete(actor=MONA, id=gone.pk)
    browser = screens(role)
    asked = [
        f"{URL}{anna.pk}/history/",
        f"{URL}{anna.pk}/history/?a=1&b=1",
        f"{URL}{gone.pk}/history/",
        f"{URL}{uuid7()}/history/",
        f"{URL}add/?from={anna.pk}&version=1",
        f"{URL}{anna.pk}/change/",
        f"{URL}deleted/",
    ]
    assert [browser.get(path).status_code for path in asked] == [403] * len(asked)


def test_an_id_that_looks_like_an_imports_leads_to_the_glass_box(admin: Client) -> None:
    with correlation.bound(f"import-{uuid7()}") as click:
        anna = made()
    assert f'href="/ops/c/{click}"' in _history(admin, anna)


def test_the_second_of_two_admins_is_shown_what_the_first_changed_and_both_are_kept(admin: Client) -> None:
    anna = made()
    url = f"{URL}{anna.pk}/change/"
    opened = as_shown(admin.get(url))
    changed(anna, email="b@example.com", password="another long phrase")
    typed = {**opened, "roles": ["viewer", "manager"], "password": "the second's long phrase"}
    told = admin.post(url, typed)
    page = told.content.decode()
    assert "mona changed this since you opened it." in page
    assert meanwhile(told) == ["email", "roles", "password_changed_at"]
    assert "the second&#x27;s" not in page
    assert "the second's" not in page
    assert "Type it once more" in page
    anna.refresh_from_db()
    assert (anna.version, anna.check_password("another long phrase")) == (2, True)
    assert admin.post(url, {**typed, "version_shown": "2"}).status_code == 302
    anna.refresh_from_db()
    assert (anna.email, anna.roles) == ("b@example.com", ["manager", "viewer"])
    assert anna.check_password("the second's long phrase")
    assert history.versions(anna.pk)[0].actor == "boss"


def test_who_types_no_password_keeps_the_one_that_somebody_else_set_meanwhile(admin: Client) -> None:
    anna = made()
    url = f"{URL}{anna.pk}/change/"
    opened = as_shown(admin.get(url))
    changed(anna, password="another long phrase")
    told = admin.post(url, {**opened, "email": "b@example.com"})
    assert meanwhile(told) == ["email", "password_changed_at"]
    assert "Type it once more" not in told.content.decode()
    assert admin.post(url, {**opened, "email": "b@example.com", "version_shown": "2"}).status_code == 302
    anna.refresh_from_db()
    assert (anna.email, anna.check_password("another long phrase")) == ("b@example.com", True)


def test_who_is_refused_for_something_else_is_told_to_type_the_password_again(admin: Client) -> None:
    anna = made()
    told = _by_form(admin, anna, email="nowhere", password="another long phrase").content.decode()
    assert "Type it once more" in told
    assert "another long phrase" not in told


def _begin_histories() -> Any:
    return import_module("catalog_services.identity.migrations.0004_users_have_a_history")


def test_who_was_there_before_gets_one_event_as_they_are_now(
    admin: Client, boss: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [boss, UserFactory(version=3, external_id="hr-7"), *UserFactory.create_batch(3, is_active=False)]
    anna, migration = made(), _begin_histories()
    assert admin.get(f"{URL}{boss.pk}/history/").status_code == 404
    monkeypatch.setattr(migration, "BATCH", 2)
    migration.begin_histories(apps, None)
    told = {user.pk: history.versions(user.pk) for user in before}
    for user in before:
        (only,) = told[user.pk]
        assert (only.number, only.verb, only.actor) == (user.version, "Updated", "system")
        assert only.state == user_recorded(user)
        assert only.state["password_changed_at"] is None
    assert len({only.correlation_id for (only,) in told.values()}) == 1
    assert len(history.versions(anna.pk)) == 1
    check_recorded_events()
    migration.begin_histories(apps, None)
    assert {user.pk: history.versions(user.pk) for user in before} == told
    assert "boss" in _history(admin, boss)


def test_a_migration_that_was_broken_off_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    users, migration = UserFactory.create_batch(5), _begin_histories()
    monkeypatch.setattr(migration, "BATCH", 2)
    state, seen = migration._state, []

    def breaking(user: User) -> Any:
        seen.append(user)
        if len(seen) == 4:
            raise ZeroDivisionError
        return state(user)

    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(migration, "_state", breaking)
        migration.begin_histories(apps, None)
    assert OutboxEvent.objects.count() == 2, "the first batch is kept, of the second nothing"
    migration.begin_histories(apps, None)
    assert [len(history.versions(user.pk)) for user in users] == [1] * 5


def test_nobody_has_to_carry_the_events_and_none_is_a_dead_letter(
    admin: Client, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        made()
    assert callbacks == [], "nobody is woken"
    assert not Delivery.objects.exists()
    assert set(admin.get("/health/ready").json()["parts"]) == {"postgres", "signing_key"}
    assert admin.get("/admin/outbox/deadletter/").status_code == 404
    for command in (["relay"], ["dead_letters", "list"]):
        with pytest.raises(CommandError, match="to nobody"):
            call_command(*command)


@pytest.mark.parametrize(("days", "left"), [(0, 2), (365, 1)])
def test_history_goes_back_as_far_as_is_wanted_without_a_relay(
    settings: Any, django_capture_on_commit_callbacks: Any, tokens: Issuer, days: int, left: int
) -> None:
    settings.HISTORY_KEEP_DAYS = days
    with clock.pinned(clock.now() - timedelta(days=400)):
        anna = made()
    changed(anna, email="")
    with django_capture_on_commit_callbacks(execute=True):
        begin_family(anna)
    assert len(history.versions(anna.pk)) == left
