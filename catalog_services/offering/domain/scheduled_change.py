"""What is to happen to an offering at a moment: its publication, its retirement.

A draft may go on changing after its publication was scheduled: what it is at that moment is published. What cannot be
carried out then has FAILED, with the reason, until somebody tries it again, schedules it anew or cancels it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from apps.core.errors import Conflict, ValidationFailed
from apps.core.messages import Message
from catalog_services.offering.domain.lifecycle import DRAFT, RETIRED

PUBLISH, RETIRE = "PUBLISH", "RETIRE"
KINDS = (PUBLISH, RETIRE)

PENDING, CARRIED_OUT, FAILED, CANCELLED = "PENDING", "CARRIED_OUT", "FAILED", "CANCELLED"
STATES = (PENDING, CARRIED_OUT, FAILED, CANCELLED)
OPEN = (PENDING, FAILED)
"""Still to be settled; an offering has at most one such change of each kind."""

LATE_AFTER = timedelta(minutes=1)

_MOVES = {
    (PENDING, CARRIED_OUT),
    (PENDING, FAILED),
    (PENDING, CANCELLED),
    (FAILED, CARRIED_OUT),
    (FAILED, CANCELLED),
}
_DONE = {PUBLISH: Message("published"), RETIRE: Message("retired")}


def may_become(current: str, target: str) -> bool:
    """Whether a scheduled change in ``current`` can go to ``target``."""
    return (current, target) in _MOVES


def schedulable(status: str, pending: Collection[str]) -> list[str]:
    """The kinds of change that can be scheduled for an offering in ``status`` which has these pending."""
    return [kind for kind in KINDS if kind not in pending and not _refusal(kind, status, pending)]


def check_schedule(
    kind: str, at: datetime, *, now: datetime, status: str, pending: Mapping[str, datetime]
) -> None:
    """What may be scheduled for an offering in ``status`` whose ``pending`` changes (kind -> moment) are these.

    Raises ``ValidationFailed`` on ``at`` for a moment that is past or in the wrong order, and ``Conflict`` for what
    the offering's life does not allow or what is scheduled already.
    """
    if refusal := _refusal(kind, status, pending):
        raise Conflict(refusal, lifecycle_status=status)
    if kind in pending:
        raise Conflict(
            Message(
                "It is to be {done} at {moment} already; cancel that first.",
                done=_DONE[kind],
                moment=_words(pending[kind]),
            ),
            lifecycle_status=status,
        )
    if at <= now:
        _refuse(Message("Must be in the future; it is {now} now.", now=_words(now)))
    publication = at if kind == PUBLISH else pending.get(PUBLISH)
    retirement = at if kind == RETIRE else pending.get(RETIRE)
    if publication and retirement and retirement <= publication:
        _refuse(
            Message("Must be before its retirement at {moment}.", moment=_words(retirement))
            if kind == PUBLISH
            else Message("Must be after its publication at {moment}.", moment=_words(publication))
        )


def lateness(at: datetime, carried_out: datetime) -> str:
    """A sentence for what was carried out noticeably after its moment; empty for what was in time."""
    late = carried_out - at
    if late < LATE_AFTER:
        return ""
    return Message("Carried out {late} late.", late=timedelta(seconds=round(late.total_seconds())))


def _refusal(kind: str, status: str, pending: Collection[str]) -> str:
    """Why an offering in ``status`` has no such change ahead of it; empty when it may have."""
    if status == RETIRED:
        return Message("It is retired.")
    if kind == PUBLISH and status != DRAFT:
        return Message("An offering in {state} is not published again.", state=status)
    if kind == RETIRE and status == DRAFT and PUBLISH not in pending:
        return Message("A draft is not retired; schedule its publication first.")
    return ""


def _refuse(message: str) -> None:
    raise ValidationFailed(message, errors={"at": [message]})


def _words(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
