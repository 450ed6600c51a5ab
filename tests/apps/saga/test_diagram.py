"""The saga's rules, on the real engine: what is undone, in which order, and who is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apps.core.errors import Conflict, NotFound, Unavailable
from apps.saga import retries
from config.settings import saga as saga_settings
from tests.support.saga import REQUESTER, Saga

FORWARD = [
    "claim-publication",
    "lock-prices",
    "validate-specifications",
    "create-store-entry",
    "confirm-publication",
]
UNDO_OF = {
    "lock-prices": [],
    "validate-specifications": ["unlock-prices"],
    "create-store-entry": ["unlock-prices"],
    "confirm-publication": ["delete-store-entry", "unlock-prices"],
}
"""A step that fails -> what completed before it and is undone, in order."""


def refuse(step: object) -> None:
    raise Conflict("boom")


def break_down(step: object) -> None:
    raise Unavailable("the part is down")


def test_every_step_succeeds_in_order_and_locks_are_released_after_the_confirmation(saga: Saga) -> None:
    saga.start()
    saga.work()
    assert saga.calls == [*FORWARD, "release-prices", "finish-publication"]
    assert saga.end == "published"


@pytest.mark.parametrize("step", list(UNDO_OF))
def test_a_refused_step_undoes_exactly_what_completed_and_reverts_to_draft(saga: Saga, step: str) -> None:
    saga.behave[step] = refuse
    saga.start()
    saga.work()
    done = FORWARD[: FORWARD.index(step) + 1]
    assert saga.calls == [*done, "fail-publication", *UNDO_OF[step], "revert-to-draft"]
    assert saga.end == "failed"
    told = saga.told["fail-publication"].variables
    assert (told["failure_code"], told["failure_message"]) == ("conflict", "boom")
    assert told["failed_step"] == step


@pytest.mark.parametrize("reason", ["json: boom", "json:5", "json:" + '"' * 2000])
def test_a_refusal_is_told_whatever_its_first_word(saga: Saga, reason: str) -> None:
    def refuse_so(step: object) -> None:
        raise Conflict(reason)

    saga.behave["lock-prices"] = refuse_so
    saga.start()
    saga.work()
    assert saga.end == "failed"
    told = saga.told["fail-publication"].variables["failure_message"]
    assert reason.startswith(str(told))
    assert len(str(told)) >= min(len(reason), 1000)


@pytest.mark.parametrize("step", list(UNDO_OF))
def test_a_step_that_stays_broken_is_an_incident_and_the_timer_undoes(saga: Saga, step: str) -> None:
    saga.behave[step] = break_down
    saga.start(timeout="PT1H")
    saga.work(until=lambda: bool(saga.incidents()))
    assert saga.incidents() == [step]
    assert saga.calls.count(step) == 3
    assert saga.engine.fire_timers(saga.process_id) == 1
    saga.work()
    assert saga.calls[-2 - len(UNDO_OF[step]) :] == ["fail-publication", *UNDO_OF[step], "revert-to-draft"]
    assert saga.end == "failed"
    assert saga.engine.failures(saga.process_id)[step] == "Unavailable: the part is down"


def test_a_technical_failure_that_passes_is_only_a_delay(saga: Saga) -> None:
    saga.behave["create-store-entry"] = lambda step: break_down(step) if step.attempt < 3 else None
    saga.start()
    saga.work()
    assert saga.calls.count("create-store-entry") == 3
    assert saga.told["create-store-entry"].attempt == 3
    assert saga.end == "published"


def test_another_instance_of_the_same_publication_ends_without_effect(saga: Saga) -> None:
    saga.behave["claim-publication"] = refuse
    saga.start()
    saga.work()
    assert saga.calls == ["claim-publication"]
    assert saga.end == "superseded"


def test_a_failure_that_lost_against_the_confirmation_follows_it(saga: Saga) -> None:
    saga.behave["confirm-publication"] = refuse
    saga.behave["fail-publication"] = lambda step: {"decision": "follow"}
    saga.start()
    saga.work()
    assert saga.calls == [*FORWARD, "fail-publication", "release-prices", "finish-publication"]
    assert saga.end == "published"


def test_a_timeout_that_lost_against_the_confirmation_follows_it(saga: Saga) -> None:
    saga.behave["confirm-publication"] = break_down
    saga.behave["fail-publication"] = lambda step: {"decision": "follow"}
    saga.start(timeout="PT2S")
    saga.work()
    assert saga.calls[-3:] == ["fail-publication", "release-prices", "finish-publication"]
    assert not {"unlock-prices", "delete-store-entry", "revert-to-draft"} & set(saga.calls)


@pytest.mark.parametrize(
    "undo", ["delete-store-entry", "unlock-prices", "revert-to-draft", "fail-publication"]
)
def test_an_undo_that_cannot_succeed_waits_as_an_incident_for_a_retry(saga: Saga, undo: str) -> None:
    """Also when what it raises would be a business outcome elsewhere; the timer has no say any more."""
    saga.behave["confirm-publication"] = refuse
    saga.behave[undo] = refuse
    saga.start(timeout="PT1H")
    saga.work(until=lambda: bool(saga.incidents()))
    assert saga.engine.fire_timers(saga.process_id) == 0
    (incident,) = saga.engine.incidents(saga.process_id)
    assert "boom" in incident.message
    del saga.behave[undo]
    saga.engine.retry(incident, retries=1)
    saga.work()
    order = [call for call in dict.fromkeys(saga.calls) if call not in FORWARD]
    assert order == ["fail-publication", "delete-store-entry", "unlock-prices", "revert-to-draft"]
    assert saga.end == "failed"


@pytest.mark.parametrize("step", ["release-prices", "finish-publication"])
def test_after_the_confirmation_there_is_only_forward(saga: Saga, step: str) -> None:
    saga.behave[step] = refuse
    saga.start(timeout="PT1H")
    saga.work(until=lambda: bool(saga.incidents()))
    assert saga.engine.fire_timers(saga.process_id) == 0
    (incident,) = saga.engine.incidents(saga.process_id)
    del saga.behave[step]
    saga.engine.retry(incident, retries=1)
    saga.work()
    assert saga.end == "published"
    assert "fail-publication" not in saga.calls


def test_a_retry_that_comes_after_the_timer_has_nothing_to_do(saga: Saga) -> None:
    saga.behave["lock-prices"] = break_down
    saga.start(timeout="PT1H")
    saga.work(until=lambda: bool(saga.incidents()))
    (incident,) = saga.engine.incidents(saga.process_id)
    saga.engine.fire_timers(saga.process_id)
    saga.engine.retry(incident, retries=1)
    saga.engine.retry(replace(incident, type="failedJob", subject="a timer that is gone"), retries=1)
    saga.work()
    assert saga.end == "failed"
    assert saga.calls.count("lock-prices") == 3


def test_firing_the_timer_cancels_at_once(saga: Saga) -> None:
    saga.behave["create-store-entry"] = break_down
    saga.start(timeout="PT1H")
    saga.work(until=lambda: "create-store-entry" in saga.calls)
    assert saga.engine.fire_timers(saga.process_id) == 1
    saga.work()
    assert saga.calls[-3:] == ["fail-publication", "unlock-prices", "revert-to-draft"]
    assert saga.engine.fire_timers(saga.process_id) == 0


def test_a_diagram_that_cannot_go_on_is_an_incident_where_it_stands(saga: Saga) -> None:
    """Here its timer has no duration: the claim cannot be completed, and nothing else has happened."""
    saga.start(timeout="soon")
    saga.work(until=lambda: bool(saga.incidents()))
    assert saga.incidents() == ["claim-publication"]
    assert set(saga.calls) == {"claim-publication"}
    saga.engine.cancel(saga.process_id)
    assert saga.instance.state == "EXTERNALLY_TERMINATED"


def test_a_process_can_be_taken_up_after_the_confirmation(saga: Saga) -> None:
    saga.start()
    saga.engine.cancel(saga.process_id)
    saga.process_id = saga.engine.start(
        saga.key, saga.publication_id, {"timeout": "PT1M"}, before="release-prices"
    )
    saga.work()
    assert saga.calls == ["release-prices", "finish-publication"]
    assert {one.state for one in saga.engine.instances(saga.publication_id)} == {
        "EXTERNALLY_TERMINATED",
        "COMPLETED",
    }


def test_the_requester_and_the_correlation_id_reach_every_step(saga: Saga) -> None:
    saga.behave["confirm-publication"] = refuse
    saga.start(correlation_id="click-1", traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    saga.work()
    for step in saga.told.values():
        assert (step.correlation_id, step.actor, step.publication_id) == (
            "click-1",
            REQUESTER,
            saga.publication_id,
        )


def test_what_a_step_answers_reaches_the_steps_after_it_whatever_its_size(saga: Saga) -> None:
    versions = {f"price-{n}": n for n in range(500)}
    saga.behave["lock-prices"] = lambda step: {"price_versions": versions, "note": "é" * 9000}
    saga.start()
    saga.work()
    told = saga.told["create-store-entry"].variables
    assert told["price_versions"] == versions
    assert told["note"] == "é" * 9000


def test_starting_what_is_not_deployed_is_not_found(saga: Saga) -> None:
    with pytest.raises(NotFound):
        saga.engine.start("no-such-process", "key", {})


def test_deploying_the_same_diagram_again_does_nothing(saga: Saga) -> None:
    assert saga.engine.has(saga.path)
    assert saga.engine.deploy(saga.path) is False
    saga.path.write_text(saga.path.read_text().replace("Lock prices", "Lock the prices"))
    assert saga.engine.deploy(saga.path) is True


def test_retries_wait_seconds_for_a_part_that_may_be_away_for_minutes(settings: object) -> None:
    settings.SAGA_ATTEMPTS = saga_settings.SAGA_ATTEMPTS  # type: ignore[attr-defined]
    left, total = None, 0.0
    for number in range(1, saga_settings.SAGA_ATTEMPTS + 1):
        assert retries.attempt_of(left) == number
        left, delay = retries.after_failure(left)
        total += delay
        assert delay <= 5
    assert left == 0
    assert 150 < total < 300
