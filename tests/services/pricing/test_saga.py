"""Pricing's steps: all or nothing, as often and in whatever order they come."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from apps.core import clock
from apps.core.errors import Conflict, NotFound
from apps.core.ids import uuid7
from apps.outbox import inbox, retention
from apps.outbox.envelope import CloudEvent
from apps.outbox.inbox import consume
from apps.outbox.models import InboxRecord
from apps.saga.registry import STEPS, SagaStep
from catalog_services.pricing import saga, tasks
from catalog_services.pricing.models import Price, PriceHold, PublicationFence
from tests.services.pricing.factories import PriceFactory

pytestmark = pytest.mark.django_db


def step(topic, publication_id, *prices):
    made = SagaStep(
        topic=topic,
        publication_id=str(publication_id),
        process_id="p",
        variables={"pricing_ids": [str(price) for price in prices]},
    )
    return STEPS[topic].handler(made)


def failed(publication_id, event_id=None):
    return CloudEvent(
        type="catalog.offering.PublicationFailed.v1",
        source="offering",
        subject=str(publication_id),
        aggregateversion=3,
        data={"id": str(publication_id), "offering_id": str(uuid4()), "reason": "a step was refused"},
        id=event_id or str(uuid7()),
    )


def test_the_service_has_exactly_its_steps_and_undo_must_succeed():
    assert STEPS.topics == ["lock-prices", "unlock-prices", "release-prices"]
    assert [STEPS[topic].must_succeed for topic in STEPS.topics] == [False, True, True]
    assert {saga, tasks}


def test_lock_answers_the_versions_that_the_store_waits_for():
    first, second = PriceFactory(), PriceFactory()
    answer = step("lock-prices", uuid7(), first.pk, second.pk, first.pk)
    assert answer == {"price_versions": {str(first.pk): 1, str(second.pk): 1}}
    assert PriceHold.objects.count() == 2


def test_lock_takes_all_or_nothing_and_names_what_is_missing():
    price, missing = PriceFactory(), uuid7()
    with pytest.raises(NotFound, match=str(missing)):
        step("lock-prices", uuid7(), price.pk, missing)
    assert not PriceHold.objects.exists()


def test_two_publications_hold_one_price_side_by_side():
    price = PriceFactory()
    first, second = uuid7(), uuid7()
    step("lock-prices", first, price.pk)
    step("lock-prices", second, price.pk)
    step("release-prices", first)
    assert PriceHold.objects.get().publication_id == second


@pytest.mark.parametrize("end", ["unlock-prices", "release-prices"])
def test_a_late_lock_is_refused_after_the_end(end):
    price, publication = PriceFactory(), uuid7()
    step(end, publication)
    with pytest.raises(Conflict):
        step("lock-prices", publication, price.pk)
    assert not PriceHold.objects.exists()


def test_a_failed_publication_is_undone_although_its_step_was_lost(monkeypatch):
    monkeypatch.setattr(inbox, "PATIENCE_SECONDS", 60.0)
    price, publication = PriceFactory(), uuid7()
    step("lock-prices", publication, price.pk)
    event = failed(publication)
    receipts = consume([event, event])
    assert [receipt.outcome for receipt in receipts] == ["ack", "ack"]
    assert not PriceHold.objects.exists()
    assert InboxRecord.objects.count() == 1


OPERATIONS = ("lock", "unlock", "release", "failed", "failed again")


@bounded(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    operations=st.lists(st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 1)), max_size=12),
    shares=st.lists(st.sets(st.integers(0, 2), min_size=1), min_size=2, max_size=2),
)
def test_in_any_order_and_repetition_a_hold_is_there_only_between_its_first_lock_and_its_first_end(
    operations, shares
):
    prices = [PriceFactory() for _ in range(3)]
    publications = [uuid7(), uuid7()]
    event_ids = [str(uuid7()), str(uuid7())]
    holding: dict[int, set] = {0: set(), 1: set()}
    ended: set[int] = set()
    for operation, who in operations:
        publication, wanted = publications[who], [prices[i].pk for i in shares[who]]
        if operation == "lock" and who in ended:
            with pytest.raises(Conflict):
                step("lock-prices", publication, *wanted)
        elif operation == "lock":
            step("lock-prices", publication, *wanted)
            holding[who] = set(wanted)
        else:
            if operation in {"unlock", "release"}:
                step(f"{operation}-prices", publication)
            else:
                known = event_ids[who] if operation == "failed again" else None
                assert consume([failed(publication, known)])[0].outcome == "ack"
            holding[who] = set()
            ended.add(who)
        for index, id_ in enumerate(publications):
            held = set(PriceHold.objects.filter(publication_id=id_).values_list("price_id", flat=True))
            assert held == holding[index]
    assert not Price.objects.exclude(version=1).exists()


def test_old_fences_are_forgotten_and_fences_that_hold_are_kept(settings):
    price, holding, ended = PriceFactory(), uuid7(), uuid7()
    step("lock-prices", holding, price.pk)
    step("unlock-prices", ended)
    retention.forget_old()
    assert PublicationFence.objects.count() == 2
    with clock.pinned(clock.now() + timedelta(days=settings.OUTBOX_KEEP_DAYS + 1)):
        retention.forget_old()
    assert PublicationFence.objects.get().publication_id == holding
