from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from apps.core import clock
from apps.core.actor import SYSTEM
from apps.outbox.dead_letters import dead_letters, give_up, replay
from apps.outbox.envelope import CloudEvent, Receipt
from apps.outbox.models import Delivery, OutboxEvent
from apps.outbox.receipts import settle
from apps.outbox.relay.claim import relay_once
from catalog_services.characteristic.actions.characteristic_update import characteristic_update

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def delivery(changes) -> Delivery:
    changes()
    relay_once(lambda *_: None)
    return Delivery.objects.select_related("event").get(subscriber="store")


def answer(delivery: Delivery, outcome: str, reason: str = "") -> Delivery:
    settle("store", [Receipt(str(delivery.event.event_id), "characteristic", outcome, reason)])
    delivery.refresh_from_db()
    return delivery


def sent_again(delivery: Delivery) -> Delivery:
    Delivery.objects.filter(pk=delivery.pk).update(due_at="2000-01-01T00:00Z")
    relay_once(lambda *_: None)
    return delivery


def test_an_acked_delivery_is_done_and_stays_done(delivery):
    assert answer(delivery, "ack").state == "done"
    assert answer(delivery, "nack", "late").state == "done"


def test_a_refused_event_is_tried_again_and_ends_as_a_dead_letter_with_its_reason(delivery, settings):
    for attempt in range(1, settings.OUTBOX_MAX_ATTEMPTS):
        assert answer(delivery, "nack", "KeyError: name").state == "pending"
        assert delivery.attempts == attempt
        sent_again(delivery)
    assert answer(delivery, "nack", "KeyError: name").state == "dead"
    assert delivery.reason == "KeyError: name"
    assert list(dead_letters(subscriber="store")) == [delivery]


@pytest.mark.parametrize(
    ("outcome", "state", "attempts"), [("reject", "dead", 1), ("nack", "pending", 1), ("wait", "pending", 0)]
)
def test_an_answer_may_come_before_the_claim_is_committed(changes, outcome, state, attempts):
    changes()
    event = OutboxEvent.objects.get()
    answers: list[threading.Thread] = []

    def at_once() -> None:
        settle("store", [Receipt(str(event.event_id), "characteristic", outcome, "it was told")])
        connections.close_all()

    def send(subscriber: str, _: list[str]) -> None:
        if subscriber == "store":
            answers.append(threading.Thread(target=at_once))
            answers[0].start()
            answers[0].join(0.3)

    relay_once(send)
    answers[0].join(20)
    found = Delivery.objects.get(subscriber="store")
    assert (found.state, found.attempts, found.reason) == (state, attempts, "it was told")


def test_infrastructure_that_is_down_is_waited_for_however_long(delivery, settings):
    for _ in range(settings.OUTBOX_MAX_ATTEMPTS * 3):
        assert answer(delivery, "wait", "OperationalError").state == "pending"
        sent_again(delivery)
    assert delivery.attempts == 0


def test_after_any_outage_an_event_goes_out_again_within_seconds(delivery, settings):
    for _ in range(20):
        with clock.pinned(clock.now()):
            waiting = answer(delivery, "wait", "ServerSelectionTimeoutError")
            assert clock.now() < waiting.due_at < clock.now() + timedelta(seconds=3)
        sent_again(delivery)


def test_what_there_was_no_time_for_goes_out_again_at_once(delivery):
    assert answer(delivery, "left").attempts == 0
    sent: list[str] = []
    relay_once(lambda _, envelopes: sent.extend(envelopes))
    assert len(sent) == 1


def test_what_waited_together_goes_out_together_again(changes):
    for _ in range(2):
        changes()
    relay_once(lambda *_: None)
    to_store = Delivery.objects.filter(subscriber="store").select_related("event")
    answers = [Receipt(str(d.event.event_id), "characteristic", "wait", "it is down") for d in to_store]
    settle("store", answers)
    assert len(answers) == 2
    assert to_store.filter(state="pending").values("due_at").distinct().count() == 1


def test_an_outage_that_was_answered_makes_a_later_loss_of_the_broker_no_longer(delivery):
    Delivery.objects.update(resends=3)
    assert answer(delivery, "wait", "OperationalError").resends == 0


def test_a_refusal_after_an_outage_backs_off_by_its_own_count(delivery):
    for _ in range(8):
        answer(delivery, "wait", "OperationalError")
        sent_again(delivery)
    assert answer(delivery, "nack", "KeyError").due_at < clock.now() + timedelta(seconds=1.1)


def test_a_replayed_dead_letter_goes_out_again(delivery, settings):
    Delivery.objects.filter(pk=delivery.pk).update(state="dead", attempts=5)
    assert replay(dead_letters().select_related(None).order_by()) == 1
    sent: list[str] = []
    relay_once(lambda subscriber, events: sent.append(subscriber))
    assert sent == ["store"]


def test_a_payload_that_never_can_be_applied_is_a_dead_letter_at_once(delivery):
    assert answer(delivery, "reject", "value: is not a number").state == "dead"
    assert (delivery.attempts, delivery.reason) == (1, "value: is not a number")


class Subscriber:
    """Applies what it is sent but for the poison; remembers in which order."""

    def __init__(self) -> None:
        self.poison: set[str] = set()
        self.applied: list[tuple[str, int]] = []

    def drain(self) -> None:
        """Until nothing comes any more, with every pause skipped."""
        while True:
            Delivery.objects.update(due_at="2000-01-01T00:00Z")
            if not relay_once(self.take).seen:
                return

    def take(self, subscriber: str, envelopes: list[str]) -> None:
        events = [CloudEvent.from_wire(json.loads(text)) for text in envelopes]
        outcomes = {e.id: "nack" if subscriber == "store" and e.id in self.poison else "ack" for e in events}
        if subscriber == "store":
            self.applied += [(e.subject, e.aggregateversion) for e in events if outcomes[e.id] == "ack"]
        receipts = [Receipt(id_, "characteristic", outcome, "KeyError") for id_, outcome in outcomes.items()]
        transaction.on_commit(lambda: settle(subscriber, receipts))

    def of(self, row) -> list[int]:
        return [version for subject, version in self.applied if subject == str(row.pk)]


def test_a_poison_event_stops_its_aggregate_only_and_drains_in_order_after_the_fix(changes):
    poisoned, sound = changes(2)
    subscriber = Subscriber()
    subscriber.poison = {str(OutboxEvent.objects.get(subject=str(poisoned.pk)).event_id)}
    subscriber.drain()
    for number in range(3):
        for row in (poisoned, sound):
            characteristic_update(actor=SYSTEM, id=row.pk, fields={"description": str(number)})
        subscriber.drain()
    assert subscriber.of(poisoned) == []
    assert subscriber.of(sound) == [1, 2, 3, 4]
    assert [row.subject for row in dead_letters()] == [str(poisoned.pk)]

    subscriber.poison = set()
    assert replay(dead_letters()) == 1
    subscriber.drain()
    assert subscriber.of(poisoned) == [1, 2, 3, 4]
    assert not Delivery.objects.exclude(state="done").exists()


def test_giving_up_a_dead_letter_lets_its_aggregate_go_on(changes):
    (poisoned,) = changes()
    subscriber = Subscriber()
    subscriber.poison = {str(OutboxEvent.objects.get().event_id)}
    subscriber.drain()
    characteristic_update(actor=SYSTEM, id=poisoned.pk, fields={"description": "1"})
    subscriber.drain()
    assert give_up(dead_letters()) == 1
    subscriber.drain()
    assert subscriber.of(poisoned) == [2]
    assert Delivery.objects.filter(reason="given up: KeyError", state="done").count() == 1


@hypothesis_settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(outcomes=st.lists(st.sampled_from(["ack", "nack", "reject", "wait", "left"]), max_size=8))
def test_in_any_order_of_receipts_an_ack_is_final_and_nothing_else_is_done(delivery, outcomes):
    Delivery.objects.filter(pk=delivery.pk).update(state="sent", attempts=0, resends=0)
    delivery.refresh_from_db()
    for outcome in outcomes:
        answer(delivery, outcome)
    assert (delivery.state == "done") == ("ack" in outcomes)


@pytest.mark.parametrize(
    ("tries", "least", "most"), [(1, 0.5, 1.0), (3, 2, 4), (7, 30, 60), (10_000, 30, 60)]
)
def test_back_off_grows_and_is_bounded(delivery, settings, tries, least, most):
    settings.OUTBOX_MAX_ATTEMPTS = tries + 1
    Delivery.objects.filter(pk=delivery.pk).update(attempts=tries - 1)
    with clock.pinned(clock.now()):
        pause = answer(delivery, "nack").due_at - clock.now()
    assert least <= pause.total_seconds() <= most


def test_refused_together_each_has_its_own_reason_and_its_own_end(changes):
    changes(3)
    relay_once(lambda *_: None)
    first, second, third = Delivery.objects.filter(subscriber="store").select_related("event").order_by("id")
    Delivery.objects.filter(pk=third.pk).update(state="done")
    outcomes = (
        (first, "nack", "KeyError: name"),
        (second, "reject", "Not an event."),
        (third, "nack", "late"),
    )
    settle("store", [Receipt(str(d.event.event_id), "characteristic", *said) for d, *said in outcomes])
    found = (
        Delivery.objects.filter(subscriber="store").order_by("id").values_list("state", "reason", "attempts")
    )
    assert list(found) == [("pending", "KeyError: name", 1), ("dead", "Not an event.", 1), ("done", "", 0)]
