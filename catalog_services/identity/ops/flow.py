"""What flows through the suite now: every service's own figures, and their sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from apps.admin_kit.neighbours import Question, ask
from apps.outbox.backlog import COUNTED
from config.services import SERVICES, WRITE_SERVICES

ON_THE_WAY = ("pending", "held", "sent")
SUMMED = ("events", "on_the_way", "oldest", "queued", "dead")
OF_THE_STORE = ("queued",)
"""It receives events and has none of its own."""
Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lane:
    """One service's part; all None when it does not answer, and each where there is no such thing. ``events`` are a
    second's, as the mean of the last minute; ``queued`` is None while the broker does not answer. What is ``at_least``
    so many was counted no further."""

    service: str
    figures: Figures | None
    events: float | None = None
    on_the_way: int | None = None
    dead: int | None = None
    oldest: float | None = None
    queued: int | None = None
    at_least: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Flow:
    """``totals`` are what the plots draw, by name; None: nobody told. Those that were counted no further, or not told
    by everybody, are ``at_least`` so many."""

    lanes: list[Lane]
    totals: dict[str, float | None]
    at_least: list[str]
    publications: Figures | None
    store: Figures | None


def flow(request: HttpRequest) -> Flow:
    """Raises nothing: a service that does not answer is a lane without figures."""
    names = (*WRITE_SERVICES, "store")
    answers = ask(request, {name: Question(name, f"{SERVICES[name].api_root}/ops/flow") for name in names})
    bodies = {name: answer.body if answer else None for name, answer in answers.items()}
    lanes = [_lane(name, body) for name, body in bodies.items()]
    offering, store = bodies["offering"], bodies["store"]
    publications = offering["publications"] if offering else None
    shop = store["store"] if store else None
    totals = {
        **{name: _total(name, lanes) for name in SUMMED},
        "running": publications["running"] if publications else None,
        "behind": _behind(shop),
    }
    partial = frozenset().union(*(lane.at_least | _untold(lane) for lane in lanes))
    return Flow(
        lanes=lanes,
        totals=totals,
        at_least=sorted(name for name in partial if totals[name] is not None),
        publications=publications,
        store=shop,
    )


def _total(name: str, lanes: Sequence[Lane]) -> float | None:
    """The oldest of all, the sum of anything else; None when nobody tells it."""
    told = [figure for lane in lanes if (figure := getattr(lane, name)) is not None]
    if not told:
        return None
    return max(told) if name == "oldest" else sum(told)


def _untold(lane: Lane) -> frozenset[str]:
    expected = OF_THE_STORE if lane.service == "store" else SUMMED
    return frozenset(name for name in expected if getattr(lane, name) is None)


def _behind(shop: Figures | None) -> float | None:
    """Seconds, 0 when nothing waits; None when there is nobody to tell it."""
    if shop is None or shop["mongodb"] == "down":
        return None
    return shop["oldest_dirty_seconds"] or 0.0


def _lane(service: str, body: Figures | None) -> Lane:
    if body is None:
        return Lane(service, None)
    waiting = body["queues"].values()
    queued = None if None in waiting else sum(waiting)
    if "deliveries" not in body:
        return Lane(service, body, queued=queued)
    states = list(body["deliveries"].values())
    counted = {
        "events": [body["events_last_minute"]],
        "on_the_way": [counts[state] for counts in states for state in ON_THE_WAY],
        "dead": [counts["dead"] for counts in states],
    }
    return Lane(
        service,
        body,
        events=sum(counted["events"]) / 60,
        on_the_way=sum(counted["on_the_way"]),
        dead=sum(counted["dead"]),
        oldest=max(body["oldest_seconds"].values(), default=0.0),
        queued=queued,
        at_least=frozenset(name for name, some in counted.items() if max(some, default=0) >= COUNTED),
    )
