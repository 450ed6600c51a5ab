from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest

from apps.core import clock
from apps.outbox.models import Delivery
from apps.outbox.relay import broker as queues
from apps.outbox.relay import sweeper
from apps.outbox.relay.broker import Broker
from apps.outbox.relay.claim import relay_once
from config.celery import make_celery

pytestmark = pytest.mark.django_db(transaction=True)


class Heads(dict):
    """A broker's memory of which only the heads are known: a queue to the ``sent_at`` of its oldest message."""

    def lindex(self, queue: str, index: int) -> bytes | None:
        assert index == -1
        head = self.get(queue)
        return None if head is None else json.dumps({"headers": {"sent_at": head}}).encode()


def heads(**sent_at: float) -> Broker:
    """``heads(store=...)``: the queue of that service has such a head, all others are empty."""
    return Broker(None, Heads({f"{name}.events": moment for name, moment in sent_at.items()}))


@pytest.fixture
def unanswered(changes):
    """A delivery to the store sent a minute ago, without a receipt."""
    changes()
    relay_once(lambda *_: None)
    Delivery.objects.exclude(subscriber="store").delete()
    Delivery.objects.update(sent_at="2026-01-01T00:00:00Z")
    return Delivery.objects.get()


def test_what_an_empty_queue_cannot_hold_is_sent_again(unanswered):
    assert sweeper.sweep(heads()) == 1
    unanswered.refresh_from_db()
    assert (unanswered.state, unanswered.resends) == ("pending", 1)


def test_what_the_queue_may_still_hold_is_left_alone(unanswered):
    assert sweeper.sweep(heads(store=unanswered.sent_at.timestamp() - 5)) == 0


def test_what_our_own_queue_may_hold_the_receipt_of_is_left_alone(unanswered):
    """Our worker is down or behind: its subscriber answered, and is not asked again."""
    assert sweeper.sweep(heads(characteristic=unanswered.sent_at.timestamp() + 1)) == 1
    Delivery.objects.update(state="sent", resends=0)
    assert sweeper.sweep(heads(characteristic=unanswered.sent_at.timestamp() - 1)) == 0


def test_a_queue_whose_head_is_younger_has_lost_it(unanswered):
    assert sweeper.sweep(heads(store=time.time())) == 1


def test_what_the_head_itself_carries_is_not_sent_again(changes, broker, queue, settings, monkeypatch):
    """A backlog: the subscriber is slow or down, and the oldest message of its queue is one of ours."""
    settings.OUTBOX_RESEND_AFTER_SECONDS = 0
    settings.OUTBOX_BATCH = 2
    monkeypatch.setattr(queues, "queue_of", lambda service: queue)
    own = Broker(make_celery("characteristic"), broker)
    changes(6)
    relay_once(own.send)
    assert broker.llen(queue) == 6
    assert sweeper.sweep(own) == 0
    broker.rpop(queue, 6)
    assert sweeper.sweep(own) == 12


def test_a_delivery_just_sent_is_given_time(unanswered):
    Delivery.objects.update(sent_at=clock.now())
    assert sweeper.sweep(heads()) == 0


def test_each_resend_waits_longer(unanswered, settings):
    settings.OUTBOX_RESEND_AFTER_SECONDS = 10
    Delivery.objects.update(sent_at=clock.now() - timedelta(seconds=15), resends=0)
    assert sweeper.sweep(heads()) == 1
    Delivery.objects.update(state="sent", sent_at=clock.now() - timedelta(seconds=15), resends=1)
    assert sweeper.sweep(heads()) == 0


def test_the_head_of_a_real_queue_is_its_oldest_message(broker, queue, monkeypatch):
    monkeypatch.setattr(queues, "queue_of", lambda service: queue)
    own = Broker(None, broker)
    assert own.head_sent_at("store") > time.time()
    for moment in (1.0, 2.0):
        broker.lpush(queue, json.dumps({"headers": {"sent_at": moment}}))
    assert own.head_sent_at("store") == 1.0
    broker.rpush(queue, b"not ours")
    assert own.head_sent_at("store") == 0.0


def test_a_clock_that_was_an_hour_ahead_delays_nothing_by_an_hour(unanswered):
    """Sent then, and lost; and the head of a queue that was sent then says nothing about what came after it."""
    ahead = time.time() + 3600
    Delivery.objects.update(sent_at=clock.now() + timedelta(hours=1))
    assert sweeper.sweep(heads()) == 1
    Delivery.objects.update(state="sent", sent_at=clock.now() - timedelta(seconds=60), resends=0)
    assert sweeper.sweep(heads(store=ahead)) == 0


def test_what_is_held_back_behind_nothing_goes_on(unanswered):
    """A receipt that is taken in while a claim looks at what waits behind it frees nothing, for nothing is held yet."""
    Delivery.objects.update(state="held")
    assert sweeper.free_held() == 1
    unanswered.refresh_from_db()
    assert unanswered.state == "pending"
