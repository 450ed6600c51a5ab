"""The front page: what waits for the person who looks, asked of all services at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils.translation import gettext

from apps.admin_kit.names import STEP_NAMES
from apps.admin_kit.neighbours import Answer, Question, ask
from apps.admin_kit.recognising import word
from apps.admin_kit.wording import said
from apps.core import clock
from config.services import SERVICES, WRITE_SERVICES

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

LISTED = 6
DEAD_LETTERS = "outbox.view_deadletter"
ADD_OFFERING = "offering.add_offering"
ENDING_WITHIN = timedelta(days=30)
UNDER_WAY = ("REQUESTED", "RUNNING", "CONFIRMED", "FAILING")
"""States of a publication that ends by itself."""


def context(request: HttpRequest) -> dict[str, Any]:
    """For ``admin/index.html``: each list None when its service did not answer in time."""
    lists = _lists()
    health = {
        service.name: Question(service.name, "/health/ready", accepted=(200, 503))
        for service in SERVICES.values()
        if service.name != "gateway"
    }
    answers = ask(request, {**lists, **health})
    offerings, running = answers["offerings"], answers["running"]
    return {
        **{name: answers[name] for name in lists},
        "running": running and Answer([_under_way(one) for one in running.body], running.total),
        "services": [_state(name, answers[name]) for name in health],
        "dead_letters": _dead_letters(answers) if request.user.has_perm(DEAD_LETTERS) else None,
        "listed": LISTED,
        "may_add": request.user.has_perm(ADD_OFFERING),
        "is_empty": offerings is not None and offerings.total == 0,
    }


def _lists() -> dict[str, Question]:
    now = clock.now()
    ending = {"valid_to_after": clock.iso(now), "valid_to_before": clock.iso(now + ENDING_WITHIN)}
    return {
        "offerings": Question("offering", "/api/v1/offerings", {"limit": 1}),
        "running": _publications(state=list(UNDER_WAY), ordering="-created_at"),
        "failed": _publications(unresolved="true", ordering="-updated_at"),
        "drafts": _list("offering", "offerings", lifecycle_status="DRAFT", ordering="-updated_at"),
        "coming": _list("offering", "scheduled-changes", state=["PENDING", "FAILED"], ordering="at"),
        "ending": _list("pricing", "prices", **ending, ordering="valid_to"),
    }


def _list(service: str, collection: str, **parameters: Any) -> Question:
    return Question(service, f"/api/v1/{collection}", {**parameters, "limit": LISTED})


def _publications(**parameters: Any) -> Question:
    return _list("offering", "publications", **parameters)


def _under_way(publication: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the step that it is at, since when, and what is wrong with that; before the first one with its state."""
    steps = [step for step in publication["steps"] if not step["ended"]]
    at: Mapping[str, Any] = steps[-1] if steps else {}
    step: _StrOrPromise = STEP_NAMES.get(at.get("name", ""), word(publication["state"]))
    since = at.get("started") or publication["updated_at"]
    return {**publication, "step": step, "since": since, "error": at.get("error", "")}


@dataclass(frozen=True, slots=True)
class State:
    """``troubles`` is what a service says is not as it should be, None when it does not answer; ``lag`` how many
    seconds its oldest event has been on its way, None where there is no such thing."""

    service: str
    troubles: list[str] | None
    lag: float | None = None


def _state(service: str, answer: Answer | None) -> State:
    if answer is None:
        return State(service, None)
    parts = answer.body["parts"]
    troubles = [
        f"{gettext(name.replace('_', ' '))}: {said(part['reason'])}"
        for name, part in parts.items()
        if part["status"] != "up"
    ]
    return State(service, troubles, parts.get("deliveries", {}).get("oldest_seconds"))


def _dead_letters(answers: Mapping[str, Answer | None]) -> list[dict[str, Any]]:
    """How many events of each service were refused for good, and where they are; None of one that does not answer."""
    return [
        {
            "service": name,
            "count": answer.body["parts"].get("dead_letters", {}).get("count", 0) if answer else None,
            "link": f"{SERVICES[name].admin_path}outbox/deadletter/",
        }
        for name in WRITE_SERVICES
        for answer in [answers[name]]
    ]
