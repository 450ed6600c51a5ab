"""What goes through a service at this moment, at the same cost whatever waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
import redis
from django.conf import settings as configured
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.ops import queues
from apps.outbox import backlog
from apps.outbox.models import Delivery
from config.services import SERVICES
from tests.services.characteristic.factories import CharacteristicFactory
from tests.support.waiting import quickest

pytestmark = pytest.mark.django_db
SUBSCRIBERS = SERVICES["characteristic"].subscribers
NOTHING = {"pending": 0, "held": 0, "sent": 0, "dead": 0}
QUEUES = ("characteristic.events", "characteristic.saga", "characteristic.jobs")


@pytest.fixture
def broker(monkeypatch):
    """It is there, and waited for."""
    monkeypatch.setattr(queues, "PATIENCE_SECONDS", 10.0)
    with redis.Redis.from_url(configured.CELERY["broker_url"]) as client:
        client.delete(*QUEUES)
        yield client
        client.delete(*QUEUES)


def test_a_service_where_nothing_happens_says_so_in_full(ask, broker):
    found = ask("flow")
    assert clock.moment(found.pop("at"))
    assert found == {
        "service": "characteristic",
        "events_last_minute": 0,
        "deliveries": dict.fromkeys(SUBSCRIBERS, NOTHING),
        "oldest_seconds": dict.fromkeys(SUBSCRIBERS, 0.0),
        "queues": dict.fromkeys(QUEUES, 0),
    }


def test_what_is_on_its_way_is_told_by_subscriber(ask, broker):
    now = clock.now()
    with clock.pinned(now - timedelta(minutes=5)):
        CharacteristicFactory.create_batch(2)
    CharacteristicFactory.create_batch(3)
    Delivery.objects.filter(subscriber="specification").update(state="done")
    dead, sent, *_ = Delivery.objects.filter(subscriber="store").order_by("id")
    Delivery.objects.filter(pk=dead.pk).update(state="dead")
    Delivery.objects.filter(pk=sent.pk).update(state="sent", sent_at=now)
    found = ask("flow")
    assert found["events_last_minute"] == 3
    assert found["deliveries"]["specification"] == NOTHING
    assert found["deliveries"]["store"] == {"pending": 3, "held": 0, "sent": 1, "dead": 1}
    assert found["oldest_seconds"]["specification"] == 0
    assert found["oldest_seconds"]["store"] == pytest.approx(300, abs=20)


def test_what_waits_on_the_broker_is_told_by_queue(ask, broker):
    broker.rpush("characteristic.events", "a", "b")
    broker.rpush("characteristic.jobs", "c")
    assert ask("flow")["queues"] == dict(zip(QUEUES, (2, 0, 1), strict=True))


def test_a_broker_that_is_down_keeps_nothing_else_waiting(ask):
    CharacteristicFactory()
    with override_settings(CELERY={**configured.CELERY, "broker_url": "redis://127.0.0.1:1/0"}):
        found, took = quickest(lambda: ask("flow"))
    assert took < 2
    assert found["queues"] == dict.fromkeys(QUEUES)
    assert found["events_last_minute"] == 1


def test_counting_stops_somewhere(ask, monkeypatch):
    monkeypatch.setattr(backlog, "COUNTED", 2)
    CharacteristicFactory.create_batch(3)
    found = ask("flow")
    assert found["events_last_minute"] == found["deliveries"]["store"]["pending"] == 2


def test_the_events_of_a_minute_are_counted_by_their_index(ask):
    with clock.pinned(clock.now() - timedelta(days=1)):
        CharacteristicFactory()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO outbox_outboxevent (event_id, type, subject, correlation_id, envelope, created_at)
               SELECT gen_random_uuid(), type, subject, correlation_id, envelope, created_at
                 FROM outbox_outboxevent, generate_series(1, 3000)"""
        )
        cursor.execute("ANALYZE outbox_outboxevent")
        CharacteristicFactory()
        with CaptureQueriesContext(connection) as queries:
            assert ask("flow")["events_last_minute"] == 1
        (counted,) = (query["sql"] for query in queries if '"created_at" >' in query["sql"])
        cursor.execute(f"EXPLAIN {counted}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "outbox_outboxevent_created_at" in plan
    assert "Seq Scan" not in plan
