"""Users that were there before histories were get one event, as they are."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from apps.outbox import history
from apps.outbox.models import OutboxEvent
from catalog_services.identity.models import User
from catalog_services.identity.selectors.users import user_recorded
from tests.services.identity.factories import UserFactory
from tests.services.identity.history.users import URL, history_page, made
from tests.support.event_schemas import check_recorded_events

pytestmark = pytest.mark.django_db


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
    assert "boss" in history_page(admin, boss)


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
