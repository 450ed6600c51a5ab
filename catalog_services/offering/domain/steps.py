"""The steps of a publication as a person follows them: what is to come, what is done, what was undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_services.offering.domain.publication import CONFIRMED, DONE, FAILED, REQUESTED, RUNNING

FORWARD = (
    "claim-publication",
    "lock-prices",
    "validate-specifications",
    "create-store-entry",
    "confirm-publication",
    "release-prices",
    "finish-publication",
)
"""Topics of bpmn/offering-publication.bpmn in the order of a publication that succeeds."""

BACKWARD = ("fail-publication", "revert-to-draft")
UNDONE_BY = {"lock-prices": "unlock-prices", "create-store-entry": "delete-store-entry"}
WAITING, COMPLETED, UNDONE = "waiting", "completed", "undone"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline. ``state`` is waiting, running, failing, completed, undone, refused, failed or
    cancelled; times are ISO 8601, None while there is none."""

    name: str
    state: str = WAITING
    started: str | None = None
    ended: str | None = None
    error: str = ""


def timeline(recorded: Sequence[Mapping[str, Any]], *, state: str) -> list[Step]:
    """The steps of a publication in ``state``, done and to come, from what is recorded of its process (of each the
    latest passage). One that goes back has no more steps ahead than its way back."""
    latest = {step["name"]: step for step in recorded}
    if state in {REQUESTED, RUNNING, CONFIRMED, DONE}:
        return [_step(name, latest) for name in FORWARD]
    ahead = BACKWARD if state != FAILED else tuple(name for name in BACKWARD if name in latest)
    return [_step(name, latest) for name in (*(name for name in FORWARD if name in latest), *ahead)]


def _step(name: str, latest: Mapping[str, Mapping[str, Any]]) -> Step:
    found, undo = latest.get(name), latest.get(UNDONE_BY.get(name, ""))
    if found is None:
        return Step(name)
    if undo is not None and undo["state"] == COMPLETED:
        return Step(name, UNDONE, found["started"], undo["ended"])
    shown = undo if undo is not None and undo["error"] else found
    return Step(name, shown["state"], shown["started"], shown["ended"], shown["error"])
