from __future__ import annotations

import json
import threading
import time
import tracemalloc
from datetime import timedelta

import pytest
from django.db import connection, connections

from apps.core import clock
from apps.core.actor import SYSTEM
from apps.outbox.envelope import CloudEvent, Receipt
from apps.outbox.models import Delivery
from apps.outbox.receipts import settle
from apps.outbox.relay import broker as queues
from apps.outbox.relay import claim, packing
from apps.outbox.relay.broker import Broker
from apps.outbox.relay.claim import relay_once
from apps.outbox.relay.loop import Relay
from catalog_services.characteristic.actions.characteristic_update import characteristic_update
from config.celery import make_celery
from tests.services.characteristic.factories import CharacteristicFactory
from tests.support.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


class Sent(list):
    """A broker that keeps what it is sent."""

    def __call__(self, subscriber: str, envelopes: list[str]) -> None:
        self.append((subscriber, [CloudEvent.from_wire(json.loads(e)).subject for e in envelopes]))

    def subjects(self, subscriber: str) -> list[str]:
        return [s for name, subjects in self if name == subscriber for s in subjects]


def test_deliveries_go_out_in_order_many_per_message(changes, settings):
    settings.OUTBOX_BATCH = 4
    rows = changes(10)
    sent = Sent()
    assert relay_once(sent).seen == 20
    assert sent.subjects("store") == [str(row.pk) for row in rows]
    assert [len(subjects) for name, subjects in sent if name == "store"] == [4, 4, 2]
    assert relay_once(sent).seen == 0


def test_a_broker_that_is_down_loses_nothing(changes):
    changes(3)

    def down(subscriber, envelopes):
        raise ConnectionError

    with pytest.raises(ConnectionError):
        relay_once(down)
    assert Delivery.objects.filter(state="pending").count() == 6
    assert relay_once(Sent()).seen == 6


def test_two_relays_never_send_the_same_delivery(changes, settings):
    settings.OUTBOX_CLAIM = 5
    rows = changes(30)
    sent = Sent()

    def slowly(subscriber, envelopes):
        time.sleep(0.01)
        sent(subscriber, envelopes)

    def drain():
        while relay_once(slowly).seen:
            pass
        connections.close_all()

    relays = [threading.Thread(target=drain) for _ in range(2)]
    [r.start() for r in relays]
    [r.join() for r in relays]
    assert sorted(sent.subjects("store")) == sorted(str(row.pk) for row in rows)


def test_a_refused_event_holds_back_its_own_aggregate_for_that_subscriber_only(changes):
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
    eventually(lambda: len(running) == 2, seconds=8)


def test_the_relay_outlives_the_loss_of_its_database_connections(changes, running):
    time.sleep(0.5)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    changes()
    eventually(lambda: len(running) == 2)


@pytest.fixture
def own_broker(broker, queue, monkeypatch) -> Broker:
    """The real broker, with one queue of the test's own for every subscriber."""
    monkeypatch.setattr(queues, "queue_of", lambda service: queue)
    return Broker(make_celery("characteristic"), broker)


def test_a_message_on_the_real_broker_names_its_task_and_its_time(changes, broker, queue, own_broker):
    changes()
    before = time.time()
    relay_once(own_broker.send, own_broker.load)
    assert broker.llen(queue) == 2
    message = json.loads(broker.lindex(queue, -1))
    assert message["headers"]["task"] == "outbox.deliver"
    assert before <= message["headers"]["sent_at"] <= time.time()


def test_events_that_come_faster_than_messages_should_travel_together(
    changes, broker, queue, own_broker, monkeypatch
):
    monkeypatch.setattr(queues, "AT_ONCE", 2.0)
    monkeypatch.setattr(queues, "PER_SECOND", 0.0)
    for _ in range(2):
        changes()
        assert relay_once(own_broker.send, own_broker.load) == (2, False)
        broker.delete(queue)  # taken at once
    changes()
    changes()
    assert relay_once(own_broker.send, own_broker.load) == (0, True)
    monkeypatch.setattr(queues, "PER_SECOND", 1e6)
    assert relay_once(own_broker.send, own_broker.load) == (4, False)
    assert broker.llen(queue) == 2


def test_what_comes_after_a_burst_is_not_kept_waiting_for_it(changes, broker, queue, own_broker, monkeypatch):
    monkeypatch.setattr(queues, "PER_SECOND", 1.0)
    for _ in range(50):
        own_broker.send("specification", [])
    broker.delete(queue)  # taken
    changes()

    def all_sent() -> bool:
        relay_once(own_broker.send, own_broker.load)
        return not Delivery.objects.filter(state="pending").exists()

    eventually(all_sent, seconds=20)


def test_a_burst_that_its_subscriber_does_not_take_waits_in_the_outbox(
    changes, broker, queue, own_broker, settings
):
    """The broker's memory is bounded by the limit, whatever is written."""
    settings.OUTBOX_BATCH, settings.OUTBOX_QUEUE_LIMIT = 5, 4
    changes(50)
    Delivery.objects.filter(subscriber="specification").delete()
    while relay_once(own_broker.send, own_broker.load).seen:
        pass
    assert broker.llen(queue) == 4
    assert Delivery.objects.filter(state="pending").count() == 30
    broker.rpop(queue, 3)
    assert relay_once(own_broker.send, own_broker.load).seen == 15
    assert broker.llen(queue) == 4


def test_a_full_queue_keeps_no_other_subscriber_waiting(changes):
    changes(3)
    sent = Sent()
    assert relay_once(sent, lambda subscriber: 1_000 if subscriber == "store" else 0).seen == 3
    assert sent.subjects("store") == []
    assert len(sent.subjects("specification")) == 3


def test_what_waits_behind_a_refusal_is_looked_at_once_however_often_others_are_claimed(changes):
    """Else every claim would wade through all that is held back before it finds something to send."""
    (refused,) = changes()
    relay_once(Sent())
    Delivery.objects.filter(subscriber="store").update(state="dead", attempts=5)
    for number in range(20):
        characteristic_update(actor=SYSTEM, id=refused.pk, fields={"description": str(number)})
    relay_once(Sent())
    assert Delivery.objects.filter(subscriber="store", state="held").count() == 20
    assert Delivery.objects.filter(subscriber="store", state="pending").count() == 0


def test_large_events_travel_in_small_messages_and_a_few_at_a_time(changes, settings):
    """A hundred of the largest were more than memory has room for: the relay died of them, and again of the same."""
    large = "A description. " * 13_000  # 195 kB, and compressed little more than a small one
    rows = [changes(1)[0] for _ in range(2)]
    rows += CharacteristicFactory.create_batch(30, description=large)
    rows += changes(2)
    sent, most = Sent(), 0

    def send(subscriber, envelopes):
        nonlocal most
        most = max(most, sum(map(len, envelopes)))
        sent(subscriber, envelopes)

    tracemalloc.start()
    try:
        while relay_once(send).seen:
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sent.subjects("store") == [str(row.pk) for row in rows]
    assert most < 1_000_000
    assert len([name for name, _ in sent if name == "store"]) == 6
    assert peak < 20_000_000


def test_an_event_that_is_larger_than_a_message_should_be_goes_alone(changes, monkeypatch):
    monkeypatch.setattr(packing, "MESSAGE_BYTES", 10)
    rows = changes(3)
    sent = Sent()
    assert relay_once(sent).seen == 6
    assert [subjects for name, subjects in sent if name == "store"] == [[str(row.pk)] for row in rows]


def test_a_claim_ends_when_it_has_sent_much_and_the_next_goes_on(changes, monkeypatch, settings):
    settings.OUTBOX_BATCH = 2
    monkeypatch.setattr(claim, "CLAIM_BYTES", 10)
    rows = changes(3)
    sent = Sent()
    assert [relay_once(sent).seen for _ in range(3)] == [4, 2, 0]
    assert sent.subjects("store") == [str(row.pk) for row in rows]


def test_large_events_fill_a_queue_no_further_than_small_ones(changes, monkeypatch, settings):
    settings.OUTBOX_QUEUE_LIMIT = 2
    monkeypatch.setattr(packing, "MESSAGE_BYTES", 10)
    changes(3)
    assert relay_once(Sent()).seen == 4


def test_a_retry_put_off_by_a_clock_an_hour_ahead_is_due_now(changes):
    changes()
    Delivery.objects.update(due_at=clock.now() + timedelta(hours=1))
    assert relay_once(Sent()).seen == 2
    changes()
    Delivery.objects.filter(state="pending").update(due_at=clock.now() + timedelta(seconds=50))
    assert relay_once(Sent()).seen == 0


def test_a_busy_subscriber_gets_full_messages_and_an_idle_one_whatever_there_is(changes, settings):
    """Each message costs the store a round of writes, however few its events: one by one they would bury it."""
    settings.OUTBOX_BATCH = 4
    changes(3)
    sent = Sent()
    assert relay_once(sent, lambda subscriber: 2) == (0, True)
    changes(1)
    assert relay_once(sent, lambda subscriber: 2) == (8, False)
    changes(1)
    assert relay_once(sent, lambda subscriber: 1) == (2, False)
    assert relay_once(sent, lambda subscriber: 2) == (0, False)
