"""When the moment has come: carried out in its order, late rather than never, and never a false success."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.core import clock
from apps.outbox.periodic import run_one
from apps.references.models import Reference
from catalog_services.offering import tasks
from catalog_services.offering.actions import scheduled_change_carry_out as module
from catalog_services.offering.actions.offering_publish import offering_publish
from catalog_services.offering.actions.offering_update import offering_update
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.actions.scheduled_change_cancel import scheduled_change_cancel
from catalog_services.offering.actions.scheduled_change_carry_out import scheduled_change_carry_out
from catalog_services.offering.models import Offering, Publication, ScheduledChange
from catalog_services.offering.selectors.scheduled_change import what_it_waits_for
from tests.services.offering.conftest import MONA, events
from tests.services.offering.factories import CompleteOfferingFactory, OfferingFactory
from tests.services.offering.schedules import (
    NOW,
    after,
    bundle_of,
    confirm,
    fresh,
    published,
    schedule,
    tick,
)

pytestmark = pytest.mark.django_db
DUE = after(hours=1)


def test_a_publication_is_started_at_its_moment_and_not_before():
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    tick(DUE - timedelta(seconds=1))
    with clock.pinned(DUE - timedelta(seconds=1)):
        scheduled_change_carry_out(id=row.pk)
    assert (fresh(row).state, Publication.objects.count()) == ("PENDING", 0)
    tick(DUE)
    publication = Publication.objects.get()
    assert (fresh(row).state, row.publication, row.reason) == ("CARRIED_OUT", publication, "")
    assert (publication.requested_by, publication.requested_by_id) == ("mona", MONA.id)
    assert publication.correlation_id == row.correlation_id
    assert fresh(row.offering).lifecycle_status == "PUBLISHING"


def test_it_goes_through_the_saga_like_any_other(publishing):
    offering = CompleteOfferingFactory()
    schedule(offering, "PUBLISH")
    tick(DUE)
    publishing.offering = fresh(offering)
    publishing.saga.publication_id = str(offering.publication_id)
    publishing.deliver("PublicationRequested")
    publishing.saga.process_id = publishing.row.process_id
    assert publishing.work().state == "DONE"
    assert publishing.offering.lifecycle_status == "PUBLISHED"


def test_a_retirement_is_carried_out_at_its_moment():
    row = schedule(published(CompleteOfferingFactory()), "RETIRE")
    tick(DUE)
    assert (fresh(row).state, row.publication, row.ended_by) == ("CARRIED_OUT", None, "mona")
    assert row.offering.lifecycle_status == "RETIRED"
    assert [event["data"]["id"] for event in events("ScheduledChangeCarriedOut")] == [str(row.pk)]
    assert not events("ScheduledChangeCancelled")


def test_however_many_wait_what_comes_due_is_tried(monkeypatch):
    monkeypatch.setattr(module, "PER_ROUND", 1)
    for minute in range(6):
        waiting = CompleteOfferingFactory()
        schedule(waiting, "PUBLISH", at=after(minutes=minute + 1))
        Offering.objects.filter(pk=waiting.pk).update(lifecycle_status="PUBLISHING")
    row = schedule(CompleteOfferingFactory(), "PUBLISH", at=DUE)
    for second in range(12):
        tick(DUE + timedelta(seconds=second))
    assert fresh(row).state == "CARRIED_OUT"


@pytest.mark.django_db(transaction=True)
def test_the_periodic_work_of_the_relay_does_it():
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    with clock.pinned(DUE):
        assert run_one(f"{tasks.__name__}.carry_out_scheduled")
    assert fresh(row).state == "CARRIED_OUT"


@pytest.mark.parametrize("kind", ["PUBLISH", "RETIRE"])
def test_a_second_round_changes_nothing(kind):
    offering = CompleteOfferingFactory()
    row = schedule(offering if kind == "PUBLISH" else published(offering), kind)
    for minute in range(3):
        tick(DUE + timedelta(minutes=minute))
        with clock.pinned(DUE):
            scheduled_change_carry_out(id=row.pk)
    assert (fresh(row).state, row.version) == ("CARRIED_OUT", 2)
    assert Publication.objects.count() == (1 if kind == "PUBLISH" else 0)
    assert len(events("ScheduledChangeCarriedOut")) == 1


def test_a_clock_that_goes_back_brings_nothing_again():
    row = schedule(CompleteOfferingFactory(), "PUBLISH")
    tick(DUE)
    publication_cancel(actor=MONA, id=fresh(row).publication_id)
    for moment in (NOW, DUE, after(days=1)):
        tick(moment)
    assert Publication.objects.count() == 1
    assert fresh(row.offering).lifecycle_status == "DRAFT"


def test_what_came_due_while_nothing_ran_is_carried_out_late_in_its_order_and_says_so():
    offering = CompleteOfferingFactory()
    publication = schedule(offering, "PUBLISH")
    retirement = schedule(offering, "RETIRE", after(hours=2))
    tick(after(days=1, hours=1, minutes=5))
    assert (fresh(publication).state, publication.reason) == (
        "CARRIED_OUT",
        "Carried out 1 day, 0:05:00 late.",
    )
    assert (fresh(retirement).state, retirement.reason) == ("PENDING", "A publication of it is running.")
    confirm(offering)
    tick(after(days=1, hours=2))
    assert (fresh(retirement).state, fresh(offering).lifecycle_status) == ("CARRIED_OUT", "RETIRED")


def test_the_draft_as_it_is_at_that_moment_is_published():
    offering = CompleteOfferingFactory(sales_channels=[])
    row = schedule(offering, "PUBLISH")
    offering_update(actor=MONA, id=offering.pk, fields={"sales_channels": ["shop"], "name": "Fibre 900"})
    tick(DUE)
    assert fresh(row).state == "CARRIED_OUT"
    assert events("ScheduledChangeCarriedOut")[0]["data"]["offering_name"] == "Fibre 900"
    assert row.publication.offering_version == fresh(offering).version == 3


# What cannot be carried out


def test_what_is_not_complete_has_failed_with_what_is_missing_and_can_be_tried_again(api):
    offering = CompleteOfferingFactory(sales_channels=[])
    row = schedule(offering, "PUBLISH")
    tick(DUE)
    assert (fresh(row).state, row.publication) == ("FAILED", None)
    assert row.reason == "Not complete yet: At least one sales channel is needed."
    assert fresh(offering).lifecycle_status == "DRAFT"
    url = f"/api/v1/scheduled-changes/{row.pk}/retry"
    response = api("manager", username="anna").post(url)
    assert (response.status_code, list(response.json()["errors"])) == (400, ["sales_channels"])
    assert (fresh(row).state, row.version) == ("FAILED", 2)
    offering_update(actor=MONA, id=offering.pk, fields={"sales_channels": ["web"]})
    tick(after(hours=2))
    assert fresh(row).state == "FAILED", "only on demand"
    body = api("manager", username="anna").post(url).json()
    assert (body["state"], body["ended_by"]) == ("CARRIED_OUT", "anna")
    assert Publication.objects.get().requested_by == "anna"


def test_what_failed_is_settled_by_scheduling_it_anew_or_by_cancelling_it(api):
    offering = OfferingFactory()
    first = schedule(offering, "PUBLISH")
    tick(DUE)
    second = schedule(offering, "PUBLISH", after(hours=2))
    assert (fresh(first).state, first.reason) == ("CANCELLED", "It was scheduled anew.")
    tick(after(hours=2))
    assert fresh(second).state == "FAILED"
    response = api("manager").post(f"/api/v1/scheduled-changes/{second.pk}/cancel")
    assert response.json()["state"] == "CANCELLED"


def test_the_member_of_a_published_bundle_is_not_retired_and_the_bundle_is_named():
    member = published(CompleteOfferingFactory())
    row = schedule(member, "RETIRE")
    published(bundle_of(member, name="Duo"))
    tick(DUE)
    assert (fresh(row).state, row.reason) == ("FAILED", "It is a member of Duo.")
    assert fresh(member).lifecycle_status == "PUBLISHED"


def test_a_retirement_whose_publication_never_came_to_be_has_failed():
    offering = CompleteOfferingFactory()
    publication = schedule(offering, "PUBLISH")
    retirement = schedule(offering, "RETIRE", after(hours=2))
    scheduled_change_cancel(actor=MONA, id=publication.pk)
    tick(after(hours=2))
    assert (fresh(retirement).state, fresh(offering).lifecycle_status) == ("FAILED", "DRAFT")


def test_what_is_scheduled_goes_with_its_offering(api):
    offering = CompleteOfferingFactory()
    schedule(offering, "PUBLISH")
    api("manager").delete(f"/api/v1/offerings/{offering.pk}")
    tick(DUE)
    assert not Publication.objects.exists()
    assert not ScheduledChange.objects.exists()


# What has to wait


def test_while_a_publication_runs_it_waits_and_takes_its_turn_when_that_fails():
    offering = CompleteOfferingFactory()
    row = schedule(offering, "PUBLISH")
    by_hand = offering_publish(actor=MONA, id=offering.pk).publication_id
    tick(DUE)
    assert (fresh(row).state, row.reason) == ("PENDING", "A publication of it is running.")
    publication_cancel(actor=MONA, id=by_hand)
    tick(DUE + timedelta(minutes=2))
    assert fresh(row).state == "CARRIED_OUT"
    assert row.publication_id not in {None, by_hand}


@pytest.mark.parametrize("goes_away", ["before the lock", "under the lock"])
def test_an_owner_that_cannot_be_asked_is_waited_for(neighbours, monkeypatch, goes_away):
    if goes_away == "under the lock":  # it had answered a moment ago
        monkeypatch.setattr(module, "fetch_references", lambda id_: None)
    offering = CompleteOfferingFactory()
    row = schedule(offering, "PUBLISH")
    unknown = offering.pricing_ids[0]
    Reference.objects.filter(aggregate_id=unknown).delete()
    neighbours.down("pricing")
    tick(DUE)
    assert fresh(row).state == "PENDING"
    assert row.reason == "The pricing service does not answer."
    price = {"id": str(unknown), "version": 1, "name": "Fee", "value": "1.00", "currency": "EUR"}
    neighbours.answers("pricing", f"/api/v1/prices/{unknown}", price)
    tick(DUE + module.AGAIN_AFTER)
    assert fresh(row).state == "CARRIED_OUT"


def test_a_retirement_waits_for_its_own_publication(neighbours):
    offering = CompleteOfferingFactory()
    schedule(offering, "PUBLISH")
    retirement = schedule(offering, "RETIRE", after(hours=2))
    Reference.objects.filter(aggregate_id=offering.pricing_ids[0]).delete()
    neighbours.down("pricing")
    tick(after(hours=3))
    assert (fresh(retirement).state, retirement.reason) == ("PENDING", "Its publication comes first.")


def test_one_that_cannot_be_tried_keeps_no_other_waiting(monkeypatch):
    broken, sound = (schedule(CompleteOfferingFactory(), "PUBLISH") for _ in range(2))
    publish = module.offering_publish

    def breaks(*, actor, id):
        if id == broken.offering_id:
            raise ZeroDivisionError
        return publish(actor=actor, id=id)

    monkeypatch.setattr(module, "offering_publish", breaks)
    monkeypatch.setattr(module, "PER_ROUND", 1)
    tick(DUE)
    tick(DUE + timedelta(seconds=1))
    assert (fresh(broken).state, broken.reason) == ("PENDING", "ZeroDivisionError")
    assert fresh(sound).state == "CARRIED_OUT"
    monkeypatch.undo()
    tick(DUE + timedelta(seconds=10))
    assert fresh(broken).state == "CARRIED_OUT"


def test_a_try_planned_while_the_clock_was_ahead_does_not_wait_until_it_is_there_again():
    offering = CompleteOfferingFactory()
    row = schedule(offering, "PUBLISH")
    by_hand = offering_publish(actor=MONA, id=offering.pk).publication_id
    tick(after(days=30))
    publication_cancel(actor=MONA, id=by_hand)
    tick(DUE)
    assert fresh(row).state == "CARRIED_OUT"


def test_a_bundle_and_its_member_scheduled_for_one_moment_come_in_the_order_they_need():
    member = CompleteOfferingFactory()
    duo = bundle_of(member)
    first, second = schedule(duo, "PUBLISH"), schedule(member, "PUBLISH")
    tick(DUE)
    assert (fresh(first).state, fresh(second).state) == ("PENDING", "CARRIED_OUT")
    confirm(member)
    tick(DUE + timedelta(seconds=10))
    assert fresh(first).state == "CARRIED_OUT"
    confirm(duo)
    third = schedule(member, "RETIRE", after(hours=2))
    fourth = schedule(duo, "RETIRE", after(hours=2))
    tick(after(hours=2))
    tick(after(hours=2, seconds=10))
    assert (fresh(third).state, fresh(fourth).state) == ("CARRIED_OUT", "CARRIED_OUT")


def test_a_member_retires_after_its_bundle_when_all_of_it_comes_late_at_once():
    member = published(CompleteOfferingFactory())
    duo = bundle_of(member)
    rows = [
        schedule(duo, "PUBLISH"),
        schedule(member, "RETIRE", after(hours=2)),
        schedule(duo, "RETIRE", after(hours=2)),
    ]
    late = after(hours=3)
    with clock.pinned(late):
        assert "Waits for" in what_it_waits_for(rows[1]), "for a bundle that is not even published yet"
    tick(late)
    assert [fresh(row).state for row in rows] == ["CARRIED_OUT", "PENDING", "PENDING"]
    confirm(duo)
    for seconds in (10, 20):
        tick(late + timedelta(seconds=seconds))
    assert [fresh(row).state for row in rows] == ["CARRIED_OUT"] * 3
