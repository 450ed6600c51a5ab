"""A service whose events do not get through says so, and goes on working."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from apps.core import clock
from apps.outbox.models import Delivery
from apps.outbox.relay.claim import relay_once

pytestmark = pytest.mark.django_db(transaction=True)


def told() -> dict[str, dict[str, str]]:
    response = Client().get("/health/ready")
    assert response.status_code == 200
    return response.json()["parts"]


@pytest.mark.parametrize("sent", [False, True])
def test_late_deliveries_are_told_by_subscriber_and_age(changes, sent, settings):
    with clock.pinned(clock.now() - timedelta(minutes=5)):
        changes(3)
    if sent:
        relay_once(lambda *_: None)
    settings.OUTBOX_LATE_SECONDS = 400
    assert told()["deliveries"]["status"] == "up"
    assert 300 <= told()["deliveries"]["oldest_seconds"] < 310
    settings.OUTBOX_LATE_SECONDS = 30
    deliveries = told()["deliveries"]
    assert deliveries["status"] == "down"
    assert "6 deliveries" in deliveries["reason"]
    assert re.search(r"store since 30\d s", deliveries["reason"])
    assert 300 <= deliveries["oldest_seconds"] < 310


def test_with_nothing_on_its_way_there_is_no_lag(db):
    assert told()["deliveries"]["oldest_seconds"] == 0


def test_dead_letters_are_told_with_the_command_that_shows_them(changes):
    changes()
    assert told()["dead_letters"]["status"] == "up"
    Delivery.objects.filter(subscriber="store").update(state="dead")
    assert told()["dead_letters"]["reason"] == "1 dead letters: manage.py characteristic dead_letters list"
