"""What a user's events hold, never a password, and what becomes of them."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.utils.formats import date_format
from rest_framework.test import APIClient

from apps.core import clock
from apps.outbox import history
from apps.outbox.models import Delivery, OutboxEvent
from catalog_services.identity.actions.sign_in import begin_family
from catalog_services.identity.actions.user_delete import user_delete
from catalog_services.identity.models import User
from tests.services.identity.history.users import (
    ANNA,
    MONA,
    SECRET,
    URL,
    USERS,
    by_form,
    changed,
    history_page,
    made,
)
from tests.support.event_schemas import check_recorded_events
from tests.support.tokens import Issuer

pytestmark = pytest.mark.django_db


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
    by_form(admin, anna, password=planted[2])
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
    assert re.search(seen, history_page(admin, anna))


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
