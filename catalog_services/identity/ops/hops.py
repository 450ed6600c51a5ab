"""An event's way: when it was recorded, sent, applied and answered for, and how far behind the click each was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Hop:
    """An event on its way to one subscriber. Times are milliseconds after it was recorded; None: not yet, or the
    subscriber (``applied``) keeps no such time."""

    subscriber: str
    state: str
    sent: float | None
    applied: float | None
    answered: float | None
    attempts: int
    resends: int
    reason: str

    @property
    def times(self) -> tuple[float | None, ...]:
        """Sent, applied, answered."""
        return (self.sent, self.applied, self.answered)

    @property
    def is_stuck(self) -> bool:
        """It waits for a person, or behind one that does."""
        return self.state in {"dead", "held"}


@dataclass(frozen=True, slots=True)
class Told:
    """An event and its hops; ``after`` is how many milliseconds after the first of its story it was recorded."""

    id: str
    service: str
    type: str
    subject: str
    version: int
    actor: str
    at: str
    after: float
    hops: list[Hop]

    @property
    def is_settled(self) -> bool:
        return all(hop.state == "done" for hop in self.hops)


def told(
    found: Mapping[str, Sequence[Mapping[str, Any]]], applied: Mapping[tuple[str, str], str]
) -> list[Told]:
    """The events of all services (by service, as ``/ops/correlation`` tells them) in the order of their time.

    ``applied`` says by (subscriber, event id) when the subscriber's transaction was.
    """
    events = sorted(
        ((service, event) for service, events in found.items() for event in events),
        key=lambda pair: datetime.fromisoformat(pair[1]["created_at"]),
    )
    first = events[0][1]["created_at"] if events else ""
    return [
        Told(
            id=event["id"],
            service=service,
            type=event["type"],
            subject=event["subject"],
            version=event["version"],
            actor=event["actor"],
            at=event["created_at"],
            after=_milliseconds(first, event["created_at"]) or 0.0,
            hops=[_hop(event, delivery, applied) for delivery in event["deliveries"]],
        )
        for service, event in events
    ]


def _hop(
    event: Mapping[str, Any], delivery: Mapping[str, Any], applied: Mapping[tuple[str, str], str]
) -> Hop:
    recorded = event["created_at"]
    return Hop(
        subscriber=delivery["subscriber"],
        state=delivery["state"],
        sent=_milliseconds(recorded, delivery["sent_at"]),
        applied=_milliseconds(recorded, applied.get((delivery["subscriber"], event["id"]))),
        answered=_milliseconds(recorded, delivery["settled_at"]),
        attempts=delivery["attempts"],
        resends=delivery["resends"],
        reason=delivery["reason"],
    )


def _milliseconds(since: str, at: str | None) -> float | None:
    if at is None:
        return None
    return (datetime.fromisoformat(at) - datetime.fromisoformat(since)).total_seconds() * 1000
