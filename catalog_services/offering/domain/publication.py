"""The life of a publication: its row decides the outcome, by compare-and-set."""

from __future__ import annotations

from dataclasses import asdict, dataclass

REQUESTED, RUNNING, CONFIRMED, DONE = "REQUESTED", "RUNNING", "CONFIRMED", "DONE"
FAILING, FAILED, UNDO_FAILED = "FAILING", "FAILED", "UNDO_FAILED"
STATES = (REQUESTED, RUNNING, CONFIRMED, DONE, FAILING, FAILED, UNDO_FAILED)
OPEN = (REQUESTED, RUNNING, CONFIRMED, FAILING, UNDO_FAILED)
"""Still to be settled; an offering has at most one such publication."""

WON = (CONFIRMED, DONE)
"""From here there is only forward."""

_MOVES = {
    (REQUESTED, RUNNING),
    (REQUESTED, FAILING),
    (RUNNING, CONFIRMED),
    (RUNNING, FAILING),
    (CONFIRMED, DONE),
    (FAILING, FAILED),
    (FAILING, UNDO_FAILED),
    (UNDO_FAILED, FAILING),
    (UNDO_FAILED, FAILED),
}


def may_become(current: str, target: str) -> bool:
    """Whether a publication in ``current`` can go to ``target``."""
    return (current, target) in _MOVES


TIMEOUT, CANCELLED = "timeout", "cancelled"
"""Codes of failures that no step's refusal caused."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a publication failed: a problem's slug, a sentence for people, and the step it happened in (empty: none).

    ``undo``: what its undo fails by, for as long as that does.
    """

    code: str
    message: str
    step: str = ""
    undo: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)
