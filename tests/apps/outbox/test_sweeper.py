from __future__ import annotations

import json
import time

import pytest

from apps.outbox.models import Delivery
from apps.outbox.relay import sweeper
from apps.outbox.relay.claim import relay_once, sender
from config.celery import make_celery

pytestmark = pytest.mark.django_db(transaction=True)


class Queues(dict):
    """The heads of the queues: a name to the ``sent_at`` of its oldest message."""

    def lindex(self, queue: str, index: int) -> bytes | None:
        assert index == -1
        head = self.get(queue)
        return None if head is None else json.dumps({"headers": {"sent_at": head}}).encode()


@pytest.fixture
def unanswered(changes):
    """A delivery to the store sent a minute ago, without a receipt."""
    changes()
    relay_once(lambda *_: None)
    Delivery.objects.exclude(subscriber="store").delete()
    Delivery.objects.update(sent_at="2026-01-01T00:00:00Z")
    return Delivery.objects.get()


def test_what_an_empty_queue_cannot_hold_is_sent_again(unanswered):
    assert sweeper.sweep(Queues()) == 1
    unanswered.refresh_from_db()
    assert (unanswered.state, unanswered.resends) == ("pending", 1)


def test_what_the_queue_may_still_hold_is_left_alone(unanswered):
    assert sweeper.sweep(Queues({"store.events": unanswered.sent_at.timestamp() - 5})) == 0


def test_what_our_own_queue_may_hold_the_receipt_of_is_left_alone(unanswered):
    """Our worker is down or behind: its subscriber answered, and is not asked again."""
    assert sweeper.sweep(Queues({"characteristic.events": unanswered.sent_at.timestamp() + 1})) == 1
    Delivery.objects.update(state="sent", resends=0)
    assert sweeper.sweep(Queues({"characteristic.events": unanswered.sent_at.timestamp() - 1})) == 0


def test_a_queue_whose_head_is_younger_has_lost_it(unanswered):
    assert sweeper.sweep(Queues({"store.events": time.time()})) == 1


def test_what_the_head_itself_carries_is_not_sent_again(changes, broker, queue, settings, monkeypatch):
    """A backlog: the subscriber is slow or down, and the oldest message of its queue is one of ours."""
    settings.OUTBOX_RESEND_AFTER_SECONDS = 0
    settings.OUTBOX_BATCH = 2
    changes(6)
    relay_once(sender(make_celery("characteristic"), lambda subscriber: queue))
    monkeypatch.setattr(
        sweeper, "head_sent_at", lambda broker, _, real=sweeper.head_sent_at: real(broker, queue)
    )
    assert broker.llen(queue) == 6
    assert sweeper.sweep(broker) == 0
    broker.rpop(queue, 6)
    assert sweeper.sweep(broker) == 12


def test_a_delivery_just_sent_is_given_time(unanswered):
    Delivery.objects.update(sent_at=Delivery.objects.get().settled_at or "2999-01-01T00:00Z")
    assert sweeper.sweep(Queues()) == 0


def test_each_resend_waits_longer(unanswered, settings):
    from datetime import timedelta

    from apps.core import clock

    settings.OUTBOX_RESEND_AFTER_SECONDS = 10
    Delivery.objects.update(sent_at=clock.now() - timedelta(seconds=15), resends=0)
    assert sweeper.sweep(Queues()) == 1
    Delivery.objects.update(state="sent", sent_at=clock.now() - timedelta(seconds=15), resends=1)
    assert sweeper.sweep(Queues()) == 0


def test_the_head_of_a_real_queue_is_its_oldest_message(broker, queue):
    assert sweeper.head_sent_at(broker, queue) > time.time()
    for moment in (1.0, 2.0):
        broker.lpush(queue, json.dumps({"headers": {"sent_at": moment}}))
    assert sweeper.head_sent_at(broker, queue) == 1.0
    broker.rpush(queue, b"not ours")
    assert sweeper.head_sent_at(broker, queue) == 0.0
