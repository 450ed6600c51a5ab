"""The timeline of a publication: what is done, what is to come, what was undone."""

from __future__ import annotations

import re

import pytest

from catalog_services.offering.domain import steps
from catalog_services.offering.domain.publication import STATES
from config import env


def recorded(*names: str, **states: str):
    """Steps as the engine's history has them, completed but for those named with a state."""
    changed = {name.replace("_", "-"): state for name, state in states.items()}
    return [
        {
            "name": name,
            "state": changed.get(name, "completed"),
            "started": "2026-11-25T10:00:00Z",
            "ended": "2026-11-25T10:00:01Z" if changed.get(name) != "running" else None,
            "error": "",
        }
        for name in names
    ]


def shown(found):
    return {step.name: step.state for step in found}


def test_the_steps_are_the_diagrams():
    diagram = (env.BASE_DIR / "bpmn" / "offering-publication.bpmn").read_text()
    topics = set(re.findall(r'camunda:topic="([^"]+)"', diagram))
    assert {*steps.FORWARD, *steps.BACKWARD, *steps.UNDONE_BY.values()} == topics


def test_what_is_requested_has_everything_ahead():
    assert shown(steps.timeline([], state="REQUESTED")) == dict.fromkeys(steps.FORWARD, "waiting")


def test_what_runs_shows_where_it_stands():
    found = shown(
        steps.timeline(recorded("claim-publication", "lock-prices", lock_prices="running"), state="RUNNING")
    )
    assert list(found) == list(steps.FORWARD)
    assert (found["claim-publication"], found["lock-prices"]) == ("completed", "running")
    assert found["confirm-publication"] == "waiting"


def test_what_goes_back_shows_what_was_undone_and_nothing_that_will_not_come():
    made = recorded("claim-publication", "lock-prices", "validate-specifications", "create-store-entry")
    refused = recorded("confirm-publication", confirm_publication="refused")
    back = recorded("fail-publication", "delete-store-entry", "unlock-prices", "revert-to-draft")
    found = shown(steps.timeline([*made, *refused, *back], state="FAILED"))
    assert found["create-store-entry"] == found["lock-prices"] == "undone"
    assert found["confirm-publication"] == "refused"
    assert found["revert-to-draft"] == "completed"
    assert "release-prices" not in found


def test_an_undo_that_fails_is_seen_at_what_it_undoes():
    made = recorded("claim-publication", "lock-prices", "fail-publication", "unlock-prices")
    made[-1] |= {"state": "failing", "error": "Pricing does not answer."}
    (line,) = (one for one in steps.timeline(made, state="UNDO_FAILED") if one.name == "lock-prices")
    assert (line.state, line.error) == ("failing", "Pricing does not answer.")


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_a_timeline(state):
    everything = recorded(*steps.FORWARD, *steps.BACKWARD, *steps.UNDONE_BY.values())
    assert {step.state for step in steps.timeline(everything, state=state)} <= {"completed", "undone"}
