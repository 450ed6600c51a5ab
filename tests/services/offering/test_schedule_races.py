"""Workers, people and a kill at the due moment: a change is carried out once or not at all, and nothing in between."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connections, transaction

from catalog_services.offering.actions import scheduled_change_carry_out as module
from catalog_services.offering.actions.scheduled_change_cancel import scheduled_change_cancel
from catalog_services.offering.models import Offering, Publication, ScheduledChange
from tests.services.offering.conftest import MONA
from tests.services.offering.factories import CompleteOfferingFactory
from tests.services.offering.schedules import after, fresh, published, schedule, tick

pytestmark = pytest.mark.django_db
DUE = after(hours=1)


def test_a_worker_killed_in_between_has_done_nothing_of_it(monkeypatch):
    row = schedule(CompleteOfferingFactory(), "PUBLISH")

    def killed(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "tell", killed)
    with pytest.raises(KeyboardInterrupt):
        tick(DUE)
    assert (fresh(row).state, fresh(row.offering).lifecycle_status) == ("PENDING", "DRAFT")
    assert not Publication.objects.exists()
    monkeypatch.undo()
    tick(DUE)
    assert (fresh(row).state, Publication.objects.count()) == ("CARRIED_OUT", 1)


def at_once(*moves: Callable[[], object]) -> list[Exception]:
    """Everything in a thread of its own, at the same moment; gives what was raised."""
    start, raised = threading.Barrier(len(moves)), []

    def go(move: Callable[[], object]) -> None:
        try:
            start.wait()
            move()
        except Exception as error:  # told by the test
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(move,)) for move in moves]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return raised


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["PUBLISH", "RETIRE"])
def test_of_many_workers_one_carries_it_out(kind):
    offering = CompleteOfferingFactory()
    row = schedule(offering if kind == "PUBLISH" else published(offering), kind)
    assert at_once(*[lambda: tick(DUE)] * 4) == []
    assert (fresh(row).state, row.version) == ("CARRIED_OUT", 2)
    assert Publication.objects.count() == (1 if kind == "PUBLISH" else 0)


@pytest.mark.django_db(transaction=True)
def test_a_worker_leaves_what_another_is_at_and_goes_on():
    busy, free = (schedule(CompleteOfferingFactory(), "PUBLISH") for _ in range(2))
    with transaction.atomic():
        Offering.objects.select_for_update().get(pk=busy.offering_id)
        assert at_once(lambda: tick(DUE)) == []
        assert (fresh(busy).state, fresh(free).state) == ("PENDING", "CARRIED_OUT")
    tick(DUE)
    assert fresh(busy).state == "CARRIED_OUT"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_a_cancel_at_the_due_moment_has_one_outcome(round_):
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    refused = at_once(lambda: tick(DUE), lambda: scheduled_change_cancel(actor=MONA, id=row.pk))
    tick(DUE)
    outcome = (fresh(row).state, Publication.objects.count(), len(refused))
    assert outcome in {("CARRIED_OUT", 1, 1), ("CANCELLED", 0, 0)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_a_deletion_at_the_due_moment_has_one_outcome(api, round_):
    offering = CompleteOfferingFactory()
    schedule(offering, "PUBLISH")
    client, answers = api("manager"), []
    url = f"/api/v1/offerings/{offering.pk}"
    assert at_once(lambda: tick(DUE), lambda: answers.append(client.delete(url).status_code)) == []
    outcome = (*answers, Publication.objects.count(), ScheduledChange.objects.count())
    assert outcome in {(204, 0, 0), (409, 1, 1)}


@pytest.mark.django_db(transaction=True)
def test_two_who_schedule_at_once_schedule_one(api):
    offering = CompleteOfferingFactory()
    refused = at_once(*[lambda: schedule(offering, "PUBLISH")] * 3)
    assert [type(error).__name__ for error in refused] == ["Conflict", "Conflict"]
    assert ScheduledChange.objects.count() == 1


def test_the_database_itself_knows_one_open_change_of_each_kind():
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    with pytest.raises(IntegrityError), transaction.atomic():
        ScheduledChange.objects.create(
            offering=row.offering,
            kind="PUBLISH",
            at=DUE,
            try_at=DUE,
            state="FAILED",
            scheduled_by_id=MONA.id,
        )
