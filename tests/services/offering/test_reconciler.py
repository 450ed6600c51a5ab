"""What did not settle by itself: the reconciler, a clock that jumped, an undo that fails and its retry."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from prometheus_client import REGISTRY

from apps.core import clock
from apps.core.actor import SYSTEM
from apps.core.errors import Conflict, Unavailable
from apps.core.ids import uuid7
from apps.outbox.envelope import CloudEvent
from apps.saga.client import Engine
from apps.saga.registry import STEPS, SagaStep
from catalog_services.offering import tasks
from catalog_services.offering.actions import publication_moves, publication_reconcile, publication_start
from catalog_services.offering.actions.publication_cancel import publication_cancel
from catalog_services.offering.actions.publication_moves import REQUESTED_EVENT
from catalog_services.offering.actions.publication_retry import publication_retry
from catalog_services.offering.domain.publication import Failure
from catalog_services.offering.models import Publication
from config.env import BASE_DIR
from tests.services.offering.conftest import MONA, Publishing, break_down, events, refuse, reverted
from tests.services.offering.factories import CompleteOfferingFactory

pytestmark = pytest.mark.django_db


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


def overdue(minute: int, state: str, failure: dict | None) -> Publication:
    """Without a process; the later the minute, the younger."""
    return Publication.objects.create(
        offering=CompleteOfferingFactory(),
        offering_version=1,
        state=state,
        requested_by_id=uuid7(),
        failure=failure,
        review_at=f"2026-01-01T00:0{minute}:00Z",
    )


def test_one_that_cannot_be_settled_keeps_no_other_waiting():
    broken = overdue(0, "FAILING", {"unreadable": True})
    sound = overdue(1, "FAILING", Failure("conflict", "The price is gone.").as_json())
    tasks.settle_publications()
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.state, sound.state) == ("FAILING", "FAILED")
    assert broken.review_at > clock.now()


def test_one_whose_diagram_is_lost_keeps_no_other_waiting(publishing, monkeypatch):
    monkeypatch.setattr(publication_start, "PROCESS", "no-such-diagram")
    lost = overdue(0, "REQUESTED", None)
    sound = overdue(1, "FAILING", Failure("conflict", "The price is gone.").as_json())
    tasks.settle_publications()
    lost.refresh_from_db()
    sound.refresh_from_db()
    assert (lost.state, sound.state) == ("REQUESTED", "FAILED")
    assert lost.review_at > clock.now()


def test_the_next_round_begins_with_another_than_the_one_the_engine_did_not_answer_for(
    publishing, monkeypatch
):
    """It is due again at once, behind all the others: when the engine is back none waits longer for it."""
    first = overdue(0, "REQUESTED", None)
    second = overdue(1, "FAILING", Failure("conflict", "The price is gone.").as_json())
    monkeypatch.setattr(publication_start, "engine", lambda: Engine("http://127.0.0.1:1/engine-rest"))
    with pytest.raises(Unavailable):
        tasks.settle_publications()
    second.refresh_from_db()
    assert second.state == "FAILING"
    assert [row.pk for row in publication_reconcile.publications_due()] == [second.pk, first.pk]
    with pytest.raises(Unavailable):
        tasks.settle_publications()
    second.refresh_from_db()
    assert second.state == "FAILED"


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


def test_a_cancel_that_was_not_heard_is_no_undo_that_failed(publishing):
    """Its process stands on an incident, and nothing of it was undone yet."""
    publishing.saga.behave["lock-prices"] = break_down
    publishing.begin()
    publishing.work(until=lambda: bool(publishing.saga.incidents()))
    publication_cancel(actor=MONA, id=publishing.row.pk)
    assert publishing.due().state == "FAILING"
    publishing.work()
    reverted(publishing, "Cancelled by mona.")


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
    assert row.failure["message"] == "The price is gone."
    assert "delete-store-entry: Unavailable" in row.failure["undo"]
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
    assert stuck.offering.status_reason == "The price is gone.", "of the undo nothing is left to be said"


def test_the_command_lists_and_retries(stuck, capsys):
    stuck.due()
    call_command("publications", "list")
    listed = capsys.readouterr().out
    assert "UNDO_FAILED" in listed
    assert "The price is gone. delete-store-entry: Unavailable" in listed
    del stuck.saga.behave["delete-store-entry"]
    call_command("publications", "retry")
    stuck.work()
    reverted(stuck, "The price is gone.")


def test_a_dry_run_says_which_and_changes_none(stuck, capsys):
    stuck.due()
    del stuck.saga.behave["delete-store-entry"]
    call_command("publications", "retry", "--dry-run")
    listed = capsys.readouterr().out
    assert "UNDO_FAILED" in listed
    assert "The price is gone. delete-store-entry: Unavailable" in listed
    assert stuck.row.state == "UNDO_FAILED"


def test_a_dry_run_refuses_what_the_command_refuses(publishing, capsys):
    publishing.begin()
    done = publishing.work()
    assert done.state == "DONE"
    told = []
    for flags in ([], ["--dry-run"]):
        with pytest.raises(CommandError, match=r"1 could not be done\."):
            call_command("publications", "retry", str(done.pk), *flags)
        told.append(capsys.readouterr())
    assert told[0].err == told[1].err == f"{done.pk}  The publication is DONE and stands on no incident.\n"
    assert told[1].out == "0 publications\n"
    assert publishing.row.version == done.version


def test_one_that_is_not_due_is_left_alone_by_its_id_too(publishing, capsys):
    row = publishing.ask()
    for flags, said in (["--dry-run"], "0 publications\n"), ([], "0 done\n"):
        call_command("publications", "reconcile", str(row.pk), *flags)
        assert capsys.readouterr().out == said
    assert publishing.row.process_id == ""


def test_the_command_settles_what_is_past_its_time(publishing, capsys):
    publishing.ask()
    call_command("publications", "reconcile")
    assert "0 done" in capsys.readouterr().out
    Publication.objects.update(review_at=clock.now())
    call_command("publications", "reconcile", "--dry-run")
    assert "1 publications" in capsys.readouterr().out
    assert publishing.row.process_id == ""
    call_command("publications", "reconcile")
    assert publishing.row.process_id
    with pytest.raises(CommandError, match="no publication"):
        call_command("publications", "reconcile", str(uuid7()))


def test_readiness_tells_of_it_with_the_command_and_is_no_worse_for_it(stuck, client):
    stuck.due()
    response = client.get("/health/ready")
    publications = response.json()["parts"]["publications"]
    assert response.status_code == 200
    assert publications["status"] == "down"
    assert (
        "1 publications do not come to their end: manage.py offering publications retry"
        in publications["reason"]
    )
    del stuck.saga.behave["delete-store-entry"]
    stuck.due()
    stuck.work()
    assert client.get("/health/ready").json()["parts"]["publications"]["status"] == "up"


@pytest.fixture
def unreleased(publishing) -> Publishing:
    """It is published, and its prices cannot be released."""
    publishing.saga.behave["release-prices"] = break_down
    publishing.begin()
    publishing.work(until=lambda: bool(publishing.saga.incidents()))
    assert publishing.row.state == "CONFIRMED"
    return publishing


def test_a_confirmed_publication_that_does_not_come_to_its_end_is_said_until_it_has(
    unreleased, client, capsys
):
    def told() -> tuple[str, float | None]:
        tasks.count_open()
        part = client.get("/health/ready").json()["parts"]["publications"]
        name, labels = "catalog_publications_standing", {"state": "CONFIRMED"}
        return part.get("reason", "up"), REGISTRY.get_sample_value(name, labels)

    assert told() == ("up", 0), "it is tried again by itself"
    Publication.objects.update(updated_at=clock.now() - timedelta(minutes=11))
    said = "1 publications do not come to their end: manage.py offering publications retry"
    assert told() == (said, 1)
    unreleased.due()
    assert told() == (said, 1), "a further try is no progress"
    unreleased.work(until=lambda: bool(unreleased.saga.incidents()))
    call_command("publications", "list")
    assert "release-prices: Unavailable: The store is down." in capsys.readouterr().out
    del unreleased.saga.behave["release-prices"]
    call_command("publications", "retry")
    assert unreleased.work().state == "DONE"
    assert told() == ("up", 0)


def test_the_alerts_see_what_stands_and_a_step_that_is_tried_as_seldom_as_the_reconciler_does():
    rules = yaml.safe_load((BASE_DIR / "config/infra/prometheus/alerts.yml").read_text())
    found = {rule["alert"]: rule["expr"] for group in rules["groups"] for rule in group["rules"]}
    assert "catalog_publications_standing" in found["PublicationsStand"]
    seen = min(float(limit) for limit in re.findall(r"> ([\d.]+)", found["PublicationStepsFail"]))
    assert seen < 1 / publication_reconcile.AGAIN_AFTER.total_seconds()


def test_there_is_nothing_to_retry_in_a_healthy_publication(publishing):
    row = publishing.begin()
    with pytest.raises(Conflict):
        publication_retry(actor=SYSTEM, id=row.pk)


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
    failed = STEPS["fail-publication"].handler(SagaStep("fail-publication", gone, "a process", {}))
    assert failed == {"decision": "undo"}, "what pricing and store did of it is taken back"
    STEPS["revert-to-draft"].handler(SagaStep("revert-to-draft", gone, "a process", {}))
    assert not Publication.objects.exists()


def test_the_metrics_tell_what_stands(stuck):
    def told(state: str) -> float | None:
        return REGISTRY.get_sample_value("catalog_publications", {"state": state})

    def standing() -> float | None:
        return REGISTRY.get_sample_value("catalog_publications_standing", {"state": "UNDO_FAILED"})

    stuck.due()
    tasks.count_open()
    assert (told("UNDO_FAILED"), told("RUNNING"), standing()) == (1, 0, 1)
    del stuck.saga.behave["delete-store-entry"]
    stuck.due()
    stuck.work()
    tasks.count_open()
    assert (told("UNDO_FAILED"), standing()) == (0, 0)
