"""The publication's row decides the outcome: on the real engine, with every way to fail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings

from apps.core import clock, correlation
from apps.core.errors import Conflict, Unavailable
from apps.core.ids import uuid7
from apps.outbox.envelope import CloudEvent
from apps.outbox.models import OutboxEvent
from apps.saga.client import Engine
from apps.saga.registry import STEPS, SagaStep
from catalog_services.offering import tasks
from catalog_services.offering.actions import publication_moves
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.actions.publication_claim import publication_claim
from catalog_services.offering.actions.publication_confirm import publication_confirm
from catalog_services.offering.actions.publication_fail import publication_fail
from catalog_services.offering.actions.publication_finish import publication_finish
from catalog_services.offering.actions.publication_moves import REQUESTED_EVENT
from catalog_services.offering.actions.publication_retry import publication_retry
from catalog_services.offering.actions.publication_revert import publication_revert
from catalog_services.offering.actions.publication_start import publication_start
from catalog_services.offering.domain.publication import Failure
from catalog_services.offering.models import Publication
from tests.services.offering.conftest import MONA, Publishing
from tests.services.offering.factories import COLOUR, CompleteOfferingFactory

pytestmark = pytest.mark.django_db


def refuse(step):
    raise Conflict("The price is gone.")


def break_down(step):
    raise Unavailable("The store is down.")


def events(verb: str) -> list[dict]:
    found = OutboxEvent.objects.filter(type=f"catalog.offering.{verb}.v1").order_by("id")
    return [event.envelope for event in found]


def reverted(publishing: Publishing, reason: str) -> Publication:
    """Back in DRAFT with the reason, everybody told, an honest record."""
    row, offering = publishing.row, publishing.offering
    offering.refresh_from_db()
    assert (row.state, offering.lifecycle_status) == ("FAILED", "DRAFT")
    assert reason in row.failure["message"]
    assert offering.status_reason == row.failure["message"]
    assert row.ended_at is not None
    (told,) = [e for e in events("PublicationFailed") if e["subject"] == str(row.pk)]
    assert told["data"]["id"] == str(row.pk)
    assert told["data"]["offering_id"] == str(offering.pk)
    assert told["data"]["pricing_ids"] == [str(id_) for id_ in offering.pricing_ids]
    assert events("OfferingUpdated")[-1]["data"]["lifecycle_status"] == "DRAFT"
    return row


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
    assert all(step["started"] <= step["ended"] for step in row.steps)
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
    assert row.failure == {"code": "conflict", "message": "The price is gone.", "step": step}
    assert steps_of(row)[step] == "refused"
    assert [s["error"] for s in row.steps if s["name"] == step] == ["The price is gone."]


def test_a_timeout_names_what_kept_it_from_going_on(publishing, settings):
    settings.PUBLICATION_SECONDS = 2
    publishing.saga.behave["create-store-entry"] = break_down
    publishing.begin()
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
    from apps.outbox.envelope import CloudEvent
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


# The reconciler


def test_a_lost_request_is_started_by_the_reconciler(publishing):
    publishing.ask()
    row = publishing.due()
    assert row.process_id
    publishing.saga.process_id = row.process_id
    assert publishing.work().state == "DONE"


def test_what_is_not_due_is_left_alone(publishing):
    publishing.ask()
    tasks.settle_publications()
    assert publishing.row.process_id == ""


def test_one_that_cannot_be_settled_keeps_no_other_waiting():
    def failing(minute: int, failure: dict) -> Publication:
        return Publication.objects.create(
            offering=CompleteOfferingFactory(),
            offering_version=1,
            state="FAILING",
            requested_by_id=uuid7(),
            failure=failure,
            review_at=f"2026-01-01T00:0{minute}:00Z",
        )

    broken = failing(0, {"unreadable": True})
    sound = failing(1, Failure("conflict", "The price is gone.").as_json())
    tasks.settle_publications()
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.state, sound.state) == ("FAILING", "FAILED")
    assert broken.review_at > clock.now()


def test_a_process_that_was_ended_from_outside_is_reverted(publishing):
    publishing.saga.behave["create-store-entry"] = break_down
    row = publishing.begin()
    publishing.work(until=lambda: "create-store-entry" in publishing.saga.calls)
    Engine().cancel(row.process_id)
    publishing.due()
    reverted(publishing, "did not bring it to an end")


def test_a_process_that_ended_before_its_claim_is_reverted(publishing):
    row = publishing.begin()
    Engine().cancel(row.process_id)
    publishing.due()
    reverted(publishing, "ended before it began")


def test_a_process_that_outlives_its_timer_is_told_to_undo(publishing):
    publishing.saga.behave["create-store-entry"] = break_down
    publishing.begin()
    publishing.work(until=lambda: "create-store-entry" in publishing.saga.calls)
    assert publishing.due().state == "RUNNING"
    publishing.work()
    reverted(publishing, "It took too long")


def test_a_process_that_stands_before_its_timer_is_ended_and_reverted(publishing):
    """It claimed the publication, and the engine was never told."""

    def claim_and_break_down(step):
        STEPS["claim-publication"].handler(step)
        break_down(step)

    publishing.saga.behave["claim-publication"] = claim_and_break_down
    publishing.begin()
    publishing.work(until=lambda: bool(publishing.saga.incidents()))
    publishing.due()
    reverted(publishing, "did not bring it to an end")
    assert not publishing.saga.instance.running


def test_a_confirmed_process_that_vanished_is_taken_up_where_it_was(publishing):
    publishing.saga.behave["release-prices"] = break_down
    row = publishing.begin()
    publishing.work(until=lambda: "release-prices" in publishing.saga.calls)
    Engine().cancel(row.process_id)
    del publishing.saga.behave["release-prices"]
    publishing.saga.process_id = publishing.due().process_id
    assert publishing.saga.process_id != row.process_id
    assert publishing.work().state == "DONE"
    assert publishing.saga.calls[-2:] == ["release-prices", "finish-publication"]
    assert not events("PublicationFailed")


def test_a_release_that_stands_on_an_incident_is_tried_again_by_itself(publishing):
    publishing.saga.behave["release-prices"] = break_down
    publishing.begin()
    publishing.work(until=lambda: bool(publishing.saga.incidents()))
    assert (publishing.row.state, publishing.offering.lifecycle_status) == ("CONFIRMED", "PUBLISHED")
    del publishing.saga.behave["release-prices"]
    publishing.due()
    assert publishing.work().state == "DONE"


# A clock that jumps


def test_a_review_planned_while_the_clock_was_ahead_does_not_wait_until_it_is_there_again(publishing):
    with clock.pinned(clock.now() + timedelta(hours=1)):
        publishing.ask()
    tasks.settle_publications()
    latest = timedelta(seconds=settings.PUBLICATION_SECONDS) + publication_moves.REVIEW_AFTER
    assert publishing.row.review_at <= clock.now() + latest


def test_a_step_locked_while_the_clock_was_ahead_is_given_out_again(publishing):
    publishing.begin()
    publishing.work(until=lambda: "confirm-publication" in publishing.saga.calls)
    engine = Engine()
    lost = engine.fetch_and_lock(
        publishing.saga.topics, "ahead", max_tasks=1, lock_seconds=3600, wait_seconds=2
    )
    assert [publishing.saga.plain(task).topic for task in lost] == ["release-prices"]
    publishing.due()
    assert publishing.work().state == "DONE"


# An undo that fails


@pytest.fixture
def stuck(publishing) -> Publishing:
    """Its delete-store-entry cannot succeed."""
    publishing.saga.behave["delete-store-entry"] = break_down
    publishing.saga.behave["confirm-publication"] = refuse
    publishing.begin()
    publishing.work(until=lambda: bool(publishing.saga.incidents()))
    return publishing


def test_an_undo_that_cannot_succeed_is_said_and_the_offering_waits_for_it(stuck, api):
    row = stuck.due()
    assert (row.state, stuck.offering.lifecycle_status) == ("UNDO_FAILED", "PUBLISHING")
    assert "The price is gone. The undo failed: delete-store-entry: Unavailable" in row.failure["message"]
    assert api("manager").post(f"/api/v1/offerings/{stuck.offering.pk}/publish").status_code == 409


def test_a_retry_after_the_repair_brings_it_to_its_end(stuck, api):
    stuck.due()
    del stuck.saga.behave["delete-store-entry"]
    response = api("manager").post(f"/api/v1/publications/{stuck.row.pk}/retry")
    assert (response.status_code, response.json()["state"]) == (202, "FAILING")
    stuck.work()
    reverted(stuck, "The price is gone.")


def test_an_undo_comes_through_by_itself_when_what_it_needs_is_back(stuck):
    stuck.due()
    del stuck.saga.behave["delete-store-entry"]
    stuck.due()
    stuck.work()
    reverted(stuck, "The price is gone.")


def test_the_command_lists_and_retries(stuck, capsys):
    from django.core.management import call_command

    stuck.due()
    call_command("publications", "list")
    assert "UNDO_FAILED" in capsys.readouterr().out
    del stuck.saga.behave["delete-store-entry"]
    call_command("publications", "retry")
    stuck.work()
    reverted(stuck, "The price is gone.")


def test_there_is_nothing_to_retry_in_a_healthy_publication(publishing):
    row = publishing.begin()
    with pytest.raises(Conflict):
        publication_retry(id=row.pk)


def test_a_publication_of_nothing_is_refused_its_claim(publishing):
    process = Engine().start(publishing.saga.key, str(uuid7()), {"timeout": "PT1H"})
    publishing.saga.process_id = process
    publishing.saga.work(until=lambda: "claim-publication" in publishing.saga.calls)
    assert publishing.saga.end == "superseded"


def test_deleting_a_draft_takes_its_history_with_it(publishing, api):
    publishing.saga.behave["lock-prices"] = refuse
    publishing.begin()
    publishing.work()
    assert api("manager").delete(f"/api/v1/offerings/{publishing.offering.pk}").status_code == 204
    assert not Publication.objects.exists()
    assert CompleteOfferingFactory()


def test_what_comes_late_for_a_publication_that_is_gone_has_nothing_to_do():
    gone = str(uuid7())
    tasks.publication_requested(CloudEvent(REQUESTED_EVENT, "offering", gone, 1, {"id": gone}))
    STEPS["revert-to-draft"].handler(SagaStep("revert-to-draft", gone, "a process", {}))
    assert not Publication.objects.exists()
