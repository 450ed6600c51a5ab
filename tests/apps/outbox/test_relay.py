from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, connections

from apps.outbox.envelope import CloudEvent, Receipt
from apps.outbox.models import Delivery
from apps.outbox.receipts import settle
from apps.outbox.relay.claim import relay_once, sender
from apps.outbox.relay.loop import Relay
from config.celery import make_celery

pytestmark = pytest.mark.django_db(transaction=True)


class Sent(list):
    """A broker that keeps what it is sent."""

    def __call__(self, subscriber: str, envelopes: list[str]) -> None:
        self.append(
            (subscriber, [CloudEvent.from_wire(__import__("json").loads(e)).subject for e in envelopes])
        )

    def subjects(self, subscriber: str) -> list[str]:
        return [s for name, subjects in self if name == subscriber for s in subjects]


def wait_for(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def test_deliveries_go_out_in_order_many_per_message(changes, settings):
    settings.OUTBOX_BATCH = 4
    rows = changes(10)
    sent = Sent()
    assert relay_once(sent) == 20
    assert sent.subjects("store") == [str(row.pk) for row in rows]
    assert [len(subjects) for name, subjects in sent if name == "store"] == [4, 4, 2]
    assert relay_once(sent) == 0


def test_a_broker_that_is_down_loses_nothing(changes):
    changes(3)

    def down(subscriber, envelopes):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        relay_once(down)
    assert Delivery.objects.filter(state="pending").count() == 6
    assert relay_once(Sent()) == 6


def test_two_relays_never_send_the_same_delivery(changes, settings):
    settings.OUTBOX_CLAIM = 5
    rows = changes(30)
    sent = Sent()

    def slowly(subscriber, envelopes):
        time.sleep(0.01)
        sent(subscriber, envelopes)

    def drain():
        while relay_once(slowly):
            pass
        connections.close_all()

    relays = [threading.Thread(target=drain) for _ in range(2)]
    [r.start() for r in relays]
    [r.join() for r in relays]
    assert sorted(sent.subjects("store")) == sorted(str(row.pk) for row in rows)


def test_a_refused_event_holds_back_its_own_aggregate_for_that_subscriber_only(changes):
    from apps.core.actor import SYSTEM
    from catalog_services.characteristic.actions.characteristic_update import characteristic_update

    refused, other = changes(2)
    relay_once(Sent())
    first = Delivery.objects.get(subscriber="store", subject=str(refused.pk))
    settle("store", [Receipt(str(first.event.event_id), "characteristic", "nack", "bad")])
    characteristic_update(actor=SYSTEM, id=refused.pk, fields={"description": "new"})
    characteristic_update(actor=SYSTEM, id=other.pk, fields={"description": "new"})
    sent = Sent()
    relay_once(sent)
    assert sent.subjects("store") == [str(other.pk)]
    assert sent.subjects("specification") == [str(refused.pk), str(other.pk)]

    Delivery.objects.filter(pk=first.pk).update(due_at="2000-01-01T00:00Z")
    relay_once(retry := Sent())
    assert retry.subjects("store") == [str(refused.pk)]
    settle("store", [Receipt(str(first.event.event_id), "characteristic", "ack")])
    relay_once(after := Sent())
    assert after.subjects("store") == [str(refused.pk)]


@pytest.fixture
def running(settings):
    """A relay in a thread that sends into a list; its poll is so long that only a NOTIFY explains speed."""
    settings.OUTBOX_POLL_SECONDS = 20.0
    sent = Sent()
    relay = Relay(sent)

    def run():
        relay.run()
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    yield sent
    relay.stop()
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY outbox")
    thread.join(timeout=25)
    assert not thread.is_alive()


def test_a_commit_wakes_the_relay_long_before_its_poll(changes, running):
    time.sleep(0.5)
    changes()
    wait_for(lambda: len(running) == 2, seconds=8)


def test_the_relay_outlives_the_loss_of_its_database_connections(changes, running):
    time.sleep(0.5)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    changes()
    wait_for(lambda: len(running) == 2)


def test_a_message_on_the_real_broker_names_its_task_and_its_time(changes, broker, queue):
    import json

    changes()
    before = time.time()
    relay_once(sender(make_celery("characteristic"), lambda name: f"{queue}"))
    assert broker.llen(queue) == 2
    message = json.loads(broker.lindex(queue, -1))
    assert message["headers"]["task"] == "outbox.deliver"
    assert before <= message["headers"]["sent_at"] <= time.time()
