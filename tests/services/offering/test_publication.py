"""The publication's row decides the outcome: on the real engine, with every way to fail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.core import clock, correlation
from apps.core.errors import Conflict
from apps.core.ids import uuid7
from apps.outbox.envelope import CloudEvent
from apps.saga.client import Engine
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.actions.publication_claim import publication_claim
from catalog_services.offering.actions.publication_confirm import publication_confirm
from catalog_services.offering.actions.publication_fail import publication_fail
from catalog_services.offering.actions.publication_finish import publication_finish
from catalog_services.offering.actions.publication_revert import publication_revert
from catalog_services.offering.actions.publication_start import publication_start
from catalog_services.offering.domain.publication import Failure
from catalog_services.offering.models import Publication
from catalog_services.offering.selectors.publication import publications_standing
from tests.services.offering.conftest import MONA, break_down, events, refuse, reverted
from tests.services.offering.factories import COLOUR, CompleteOfferingFactory

pytestmark = pytest.mark.django_db


def steps_of(row: Publication) -> dict[str, str]:
    return {step["name"]: step["state"] for step in row.steps}


def test_a_publication_goes_through_to_done_with_every_step_on_record(publishing):
    with correlation.bound("click-1"):
        publishing.begin()
    row = publishing.work()
    assert (row.state, publishing.offering.lifecycle_status) == ("DONE", "PUBLISHED")
    assert publishing.offering.published_at == row.confirmed_at
    assert row.created_at <= row.started_at <= row.confirmed_at <= row.ended_at
    assert [step["name"] for step in row.steps] == [
        "claim-publication",
        "lock-prices",
        "validate-specifications",
        "create-store-entry",
        "confirm-publication",
        "release-prices",
        "finish-publication",
    ]
    assert set(steps_of(row).values()) == {"completed"}
    assert all(clock.moment(step["started"]) <= clock.moment(step["ended"]) for step in row.steps)
    published = events("OfferingUpdated")[-1]
    assert (published["data"]["lifecycle_status"], published["actor"]) == ("PUBLISHED", "mona")
    assert published["correlationid"] == "click-1"
    assert row.steps_final


def test_steps_are_told_what_they_need(publishing):
    pins = [{"characteristic_id": COLOUR, "value": "blue"}]
    publishing.begin(CompleteOfferingFactory(characteristic_values=pins))
    publishing.work()
    told = publishing.saga.told["create-store-entry"]
    assert told.variables["characteristic_values"] == pins
    offering = publishing.offering
    assert told.variables["offering_id"] == str(offering.pk)
    assert told.variables["offering_version"] == offering.version - 1
    assert told.variables["pricing_ids"] == [str(offering.pricing_ids[0])]
    assert told.variables["specification_ids"] == [str(offering.specification_ids[0])]
    assert (told.publication_id, told.actor.username) == (str(publishing.row.pk), "mona")


@pytest.mark.parametrize("step", ["lock-prices", "validate-specifications", "create-store-entry"])
def test_a_refused_step_brings_the_offering_back_with_the_reason(publishing, step):
    publishing.saga.behave[step] = refuse
    publishing.begin()
    publishing.work()
    row = reverted(publishing, "The price is gone.")
    assert row.failure == {"code": "conflict", "message": "The price is gone.", "step": step, "undo": ""}
    assert steps_of(row)[step] == "refused"
    assert [s["error"] for s in row.steps if s["name"] == step] == ["The price is gone."]


def test_a_timeout_names_what_kept_it_from_going_on(publishing):
    publishing.saga.behave["create-store-entry"] = break_down
    row = publishing.begin()
    publishing.work(until=lambda: "create-store-entry" in publishing.saga.calls)
    assert Engine().fire_timers(row.process_id) == 1
    publishing.work()
    row = reverted(publishing, "It took too long. The last failure: Unavailable: The store is down.")
    assert (row.failure["code"], row.failure["step"]) == ("timeout", "create-store-entry")
    assert steps_of(row)["create-store-entry"] == "failed"


def test_an_offering_that_failed_can_be_published_again(publishing):
    publishing.saga.behave["lock-prices"] = refuse
    publishing.begin()
    publishing.work()
    del publishing.saga.behave["lock-prices"]
    publishing.begin(publishing.offering)
    publishing.work()
    assert publishing.offering.lifecycle_status == "PUBLISHED"
    assert publishing.offering.status_reason == ""


# Start


def test_a_request_delivered_twice_starts_one_process(publishing):
    row = publishing.begin()
    assert publication_start(id=row.pk).process_id == row.process_id
    assert len(Engine().instances(str(row.pk))) == 1


def test_a_start_whose_answer_was_lost_is_made_again_and_one_of_both_publishes(publishing):
    lost = publishing.begin()
    Publication.objects.update(process_id="")
    row = publication_start(id=lost.pk)
    assert row.process_id != lost.process_id
    publishing.saga.process_id = row.process_id
    publishing.work()
    publishing.saga.process_id = lost.process_id
    publishing.saga.work()
    assert publishing.saga.end == "superseded"
    assert (publishing.row.state, publishing.row.process_id) == ("DONE", row.process_id)


def test_a_request_whose_draft_is_gone_starts_nothing(publishing):
    assert publication_start(id=uuid7()) is None


def test_a_second_process_of_a_publication_ends_without_effect(publishing):
    row = publishing.begin()
    second = Engine().start(publishing.saga.key, str(row.pk), {"timeout": "PT1H"})
    publishing.work()
    publishing.saga.process_id = second
    publishing.saga.work()
    assert publishing.saga.end == "superseded"
    assert publishing.row.state == "DONE"
    assert publishing.saga.calls.count("lock-prices") == 1


def test_an_engine_that_is_down_keeps_the_request_waiting(publishing, monkeypatch):
    from apps.outbox.inbox import consume
    from catalog_services.offering.actions import publication_start as module

    row = publishing.ask()
    monkeypatch.setattr(module, "engine", lambda: Engine("http://127.0.0.1:1/engine-rest"))
    event = CloudEvent.from_wire(events("PublicationRequested")[0])
    (receipt,) = consume([event])
    assert receipt.outcome == "wait"
    monkeypatch.undo()
    assert publishing.row.process_id == ""
    assert row.state == "REQUESTED"


def test_an_engine_that_has_lost_its_diagram_keeps_the_request_waiting(publishing, monkeypatch):
    """Its database was made anew: what was asked for meanwhile is no bad event."""
    from apps.outbox.inbox import consume
    from catalog_services.offering.actions import publication_start as module

    publishing.ask()
    monkeypatch.setattr(module, "PROCESS", "no-such-diagram")
    (receipt,) = consume([CloudEvent.from_wire(events("PublicationRequested")[0])])
    assert (receipt.outcome, publishing.row.state) == ("wait", "REQUESTED")


# Compare and set


def claimed(publishing) -> Publication:
    row = publishing.ask()
    return publication_claim(id=row.pk, process_id="p1")


def test_every_step_on_the_row_can_come_twice(publishing):
    row = claimed(publishing)
    publication_claim(id=row.pk, process_id="p1")
    for _ in range(2):
        publication_confirm(actor=MONA, id=row.pk, process_id="p1")
    for _ in range(2):
        publication_finish(id=row.pk)
    publication_confirm(actor=MONA, id=row.pk, process_id="p1")
    assert publishing.row.state == "DONE"
    assert len(events("OfferingUpdated")) == 2


def test_only_the_claiming_process_acts(publishing):
    row = claimed(publishing)
    with pytest.raises(Conflict):
        publication_claim(id=row.pk, process_id="p2")
    with pytest.raises(Conflict):
        publication_confirm(actor=MONA, id=row.pk, process_id="p2")


def test_a_failure_that_comes_after_the_confirmation_follows_it(publishing):
    row = claimed(publishing)
    publication_confirm(actor=MONA, id=row.pk, process_id="p1")
    assert publication_fail(id=row.pk, failure=Failure("timeout", "too late")) == "follow"
    with pytest.raises(Conflict):
        publication_revert(actor=MONA, id=row.pk)
    assert (publishing.row.state, publishing.row.failure) == ("CONFIRMED", None)


def test_a_confirmation_that_comes_after_a_failure_is_refused_and_the_first_reason_stays(publishing):
    row = claimed(publishing)
    assert publication_fail(id=row.pk, failure=Failure("timeout", "first")) == "undo"
    with pytest.raises(Conflict):
        publication_confirm(actor=MONA, id=row.pk, process_id="p1")
    assert publication_fail(id=row.pk, failure=Failure("conflict", "second")) == "undo"
    for _ in range(2):
        publication_revert(actor=MONA, id=row.pk)
    reverted(publishing, "first")


def test_a_late_revert_leaves_the_next_publication_alone(publishing):
    first = claimed(publishing)
    publication_fail(id=first.pk, failure=Failure("timeout", "first"))
    publication_revert(actor=MONA, id=first.pk)
    second = publishing.ask(publishing.offering)
    publication_revert(actor=MONA, id=first.pk)
    publishing.offering.refresh_from_db()
    assert publishing.offering.lifecycle_status == "PUBLISHING"
    assert publishing.offering.publication_id == second.pk


# Cancel


def test_cancelling_before_the_start_reverts_at_once_and_the_process_finds_nothing_to_do(publishing):
    row = publishing.begin()
    publication_cancel(actor=MONA, id=row.pk)
    reverted(publishing, "Cancelled by mona.")
    publishing.work()
    assert publishing.saga.end == "superseded"
    assert publishing.saga.calls == ["claim-publication"]


def test_cancelling_one_whose_claim_is_an_incident_ends_its_process(publishing):
    publishing.saga.behave["claim-publication"] = break_down
    row = publishing.begin()
    publishing.work(until=lambda: bool(publishing.saga.incidents()))
    publication_cancel(actor=MONA, id=row.pk)
    publishing.deliver("PublicationCancelled")
    assert not any(one.running for one in Engine().instances(str(row.pk)))
    reverted(publishing, "Cancelled by mona.")


def test_one_that_nobody_begins_stands_after_a_while(publishing):
    publishing.ask()
    assert not publications_standing().exists()
    Publication.objects.update(updated_at=clock.now() - timedelta(minutes=11))
    assert publications_standing().get() == publishing.row


def test_cancelling_a_running_one_undoes_what_it_did(publishing):
    publishing.saga.behave["create-store-entry"] = break_down
    row = publishing.begin()
    publishing.work(until=lambda: "create-store-entry" in publishing.saga.calls)
    publication_cancel(actor=MONA, id=row.pk)
    assert publishing.row.state == "FAILING"
    publication_cancel(actor=MONA, id=row.pk)
    publishing.deliver("PublicationCancelled")
    publishing.work()
    assert publishing.saga.calls[-3:] == ["fail-publication", "unlock-prices", "revert-to-draft"]
    reverted(publishing, "Cancelled by mona.")


def test_a_cancel_the_process_did_not_hear_of_is_heard_at_the_confirmation(publishing):
    row = publishing.begin()
    publishing.saga.behave["create-store-entry"] = lambda step: (
        publication_cancel(actor=MONA, id=row.pk) and None
    )
    publishing.work()
    assert publishing.saga.calls[-4:] == [
        "fail-publication",
        "delete-store-entry",
        "unlock-prices",
        "revert-to-draft",
    ]
    reverted(publishing, "Cancelled by mona.")


def test_what_is_confirmed_is_not_cancelled(publishing, api):
    row = claimed(publishing)
    publication_confirm(actor=MONA, id=row.pk, process_id="p1")
    response = api("manager").post(f"/api/v1/publications/{row.pk}/cancel")
    assert response.status_code == 409
    assert response.json()["state"] == "CONFIRMED"
