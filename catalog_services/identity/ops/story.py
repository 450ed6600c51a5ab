"""Everything that is known of one correlation id, gathered in two rounds: first who has heard of it, then what became
of what they tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched, chain
from typing import Any

from django.http import HttpRequest

from apps.admin_kit.neighbours import Answer, Question, ask
from apps.core import clock
from apps.ops.correlated import correlated
from catalog_services.identity.ops import hops, logs, traces
from config.services import SERVICES, WRITE_SERVICES

PUBLICATION = "catalog.offering.Publication"
MOST_SUBJECTS, MOST_PUBLICATIONS = 500, 25
"""Asked for; of what more there are is said that it is left out."""
COMES_LATER = timedelta(seconds=15)
"""Spans and lines are sent some at a time, seconds after what they tell of."""
MONGODB, ELASTICSEARCH = "MongoDB", "Elasticsearch"
AT_ONCE = 80
"""Ids in one question: a request line is at most 4 KB."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store has of an aggregate, beside what the events said of it; ``indexed`` is Elasticsearch's version
    of an offering's entry, ``entry`` MongoDB's. What one of both does not tell is None, and not behind."""

    id: str
    kind: str
    told: int
    version: int | None
    entry: int | None
    indexed: int | None
    is_behind: bool


@dataclass(frozen=True, slots=True)
class Story:
    """``silent`` are those that did not answer: what they know is missing. ``lines`` and ``traces`` are None when the
    log store or Zipkin did not. One that is not whole has more events, aggregates or publications than are here."""

    events: list[hops.Told]
    publications: list[Mapping[str, Any]]
    kept: list[Kept]
    lines: logs.Lines | None
    traces: traces.Traces | None
    silent: list[str] = field(default_factory=list)
    is_whole: bool = True

    @property
    def requests(self) -> list[logs.Line]:
        return [line for line in self.lines.shown if line.request] if self.lines else []

    @property
    def is_known(self) -> bool:
        return bool(self.events or (self.lines and self.lines.shown))

    @property
    def is_settled(self) -> bool:
        """Nothing that is here is under way, as far as anybody can tell: who gave no answer may know of something."""
        return (
            not self.silent
            and all(event.is_settled for event in self.events)
            and all(publication["ended_at"] for publication in self.publications)
            and not any(kept.is_behind for kept in self.kept)
        )

    @property
    def is_final(self) -> bool:
        """Looking again would show the same: it is settled, and so long ago that its spans and lines have come, too,
        to where they are kept, all of which answers. What nobody has heard of may have been done just now."""
        if not self.is_known or not self.is_settled:
            return False
        if self.lines is None or not self.lines.is_whole or self.traces is None:
            return False
        ended = (publication["ended_at"] for publication in self.publications)
        said = (line.at for line in self.lines.shown)
        moments = map(datetime.fromisoformat, (*ended, *said, *(event.at for event in self.events)))
        return all(moment < clock.now() - COMES_LATER for moment in moments)


Found = Mapping[str, Sequence[Mapping[str, Any]]]
"""Events by the service that recorded them."""
Inbox = tuple[str, int]
"""Whose, and which of the questions to it."""


@dataclass(frozen=True, slots=True)
class Became:
    """The answers of the second round, None for none: ``publications`` by id, of the store's ``states`` each to some
    of the aggregates."""

    inboxes: Mapping[Inbox, Answer | None]
    publications: Mapping[str, Answer | None]
    states: Mapping[int, Answer | None]


def story(request: HttpRequest, correlation_id: str) -> Story:
    """Raises nothing: what does not answer is ``silent``."""
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(copy_context().run, logs.lines, correlation_id)
        heard = ask(request, {name: _correlation(name, correlation_id) for name in WRITE_SERVICES})
        own = correlated(correlation_id)
        lines = waiting.result()
        found = {name: answer.body["events"] for name, answer in heard.items() if answer}
        told = {**found, own["service"]: own["events"]}
        trace_ids = [event["trace_id"] for events in told.values() for event in events if event["trace_id"]]
        known = list(dict.fromkeys([*trace_ids, *logs.traces_in(lines)]))
        drawn = pool.submit(copy_context().run, traces.traces, known)
        subjects, publications = _named(found)
        became = _became(request, found, subjects, publications)
        return Story(
            events=hops.told(told, _applied(became)),
            publications=[answer.body for answer in became.publications.values() if answer and answer.found],
            kept=_kept(found, became),
            lines=lines,
            traces=drawn.result(),
            silent=sorted(_silent(heard, became)),
            is_whole=len(subjects) <= MOST_SUBJECTS
            and len(publications) <= MOST_PUBLICATIONS
            and not any(body["more"] for body in (own, *(a.body for a in heard.values() if a))),
        )


def _correlation(service: str, correlation_id: str) -> Question:
    return Question(service, f"{SERVICES[service].api_root}/ops/correlation/{correlation_id}")


def _events(found: Found) -> Iterator[Mapping[str, Any]]:
    return chain.from_iterable(found.values())


def _named(found: Found) -> tuple[list[str], list[str]]:
    """The aggregates that the store has, and the publications, in the order in which they were heard of."""
    subjects: dict[str, None] = {}
    publications: dict[str, None] = {}
    for event in _events(found):
        (publications if event["type"].startswith(PUBLICATION) else subjects)[event["subject"]] = None
    return list(subjects), list(publications)


def _became(
    request: HttpRequest, found: Found, subjects: Sequence[str], publications: Sequence[str]
) -> Became:
    """Everything is asked at once; no two kinds of questions have a key in common."""
    inboxes, shown, states = _of_inboxes(found), _of_publications(publications), _of_states(subjects)
    questions: dict[Any, Question] = {**inboxes, **shown, **states}
    answers = ask(request, questions)
    return Became(
        inboxes={key: answers[key] for key in inboxes},
        publications={key: answers[key] for key in shown},
        states={key: answers[key] for key in states},
    )


def _of_inboxes(found: Found) -> dict[Inbox, Question]:
    sent: dict[str, list[str]] = defaultdict(list)
    for event in _events(found):
        for delivery in event["deliveries"]:
            sent[delivery["subscriber"]].append(event["id"])
    return {
        (name, number): Question(name, f"{SERVICES[name].api_root}/ops/inbox", {"event": some})
        for name, ids in sent.items()
        if SERVICES[name].database
        for number, some in enumerate(batched(ids, AT_ONCE))
    }


def _of_publications(publications: Sequence[str]) -> dict[str, Question]:
    """One may be gone with its draft: that is an answer, too."""
    return {
        id_: Question("offering", f"/api/v1/publications/{id_}", accepted=(200, 404))
        for id_ in publications[:MOST_PUBLICATIONS]
    }


def _of_states(subjects: Sequence[str]) -> dict[int, Question]:
    path = f"{SERVICES['store'].api_root}/ops/state"
    asked = batched(subjects[:MOST_SUBJECTS], AT_ONCE)
    return {number: Question("store", path, {"id": some}) for number, some in enumerate(asked)}


def _applied(became: Became) -> dict[tuple[str, str], str]:
    return {
        (name, each["event_id"]): each["applied_at"]
        for (name, _), answer in became.inboxes.items()
        if answer
        for each in answer.body["applied"]
    }


def _kept(found: Found, became: Became) -> list[Kept]:
    told: dict[str, int] = {}
    for event in _events(found):
        told[event["subject"]] = max(event["version"], told.get(event["subject"], 0))
    return [
        Kept(
            id=each["id"],
            kind=each["kind"],
            told=told.get(each["id"], 0),
            version=each["version"],
            entry=each["entry_rev"],
            indexed=each["indexed_version"],
            is_behind=_is_behind(each, told.get(each["id"], 0), silent=_silent_stores(answer)),
        )
        for answer in became.states.values()
        if answer
        for each in answer.body["aggregates"]
    ]


def _silent(heard: Mapping[str, Answer | None], became: Became) -> set[str]:
    """Who gave no answer in the first round, or to one of the questions of the second; and who gave the store none."""
    silent = {name for name, answer in heard.items() if answer is None}
    silent |= {name for (name, _), answer in became.inboxes.items() if answer is None}
    if None in became.publications.values():
        silent.add("offering")
    for answer in became.states.values():
        silent |= {"store"} if answer is None else _silent_stores(answer)
    return silent


def _is_behind(each: Mapping[str, Any], told: int, *, silent: Collection[str]) -> bool:
    if MONGODB in silent:
        return False
    is_old = (each["version"] or 0) < told
    is_apart = each["entry_rev"] is not None and each["entry_rev"] != each["indexed_version"]
    return is_old or (is_apart and ELASTICSEARCH not in silent)


def _silent_stores(answer: Answer) -> set[str]:
    return {name for name in (MONGODB, ELASTICSEARCH) if answer.body[name.lower()] == "down"}
