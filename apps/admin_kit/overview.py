"""The front page: what waits for the person who looks, asked of all services at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from apps.admin_kit.neighbours import Answer, Question, ask
from apps.admin_kit.wording import said
from apps.core import clock
from config.services import SERVICES, WRITE_SERVICES

LISTED = 6
DEAD_LETTERS = "outbox.view_deadletter"
ENDING_WITHIN = timedelta(days=30)


def context(request: HttpRequest) -> dict[str, Any]:
    """For ``admin_kit/overview.html``: each list None when its service did not answer in time."""
    now = clock.now()
    lists = {
        "publishing": _offerings("PUBLISHING"),
        "drafts": _offerings("DRAFT"),
        "coming": Question(
            "offering",
            "/api/v1/scheduled-changes",
            {"state": ["PENDING", "FAILED"], "ordering": "at", "limit": LISTED},
        ),
        "ending": Question(
            "pricing",
            "/api/v1/prices",
            {
                "valid_to_after": clock.iso(now),
                "valid_to_before": clock.iso(now + ENDING_WITHIN),
                "ordering": "valid_to",
                "limit": LISTED,
            },
        ),
    }
    health = {
        service.name: Question(service.name, "/health/ready", accepted=(200, 503))
        for service in SERVICES.values()
        if service.name != "gateway"
    }
    answers = ask(request, {**lists, **health})
    return {
        **{name: answers[name] for name in lists},
        "services": [(name, _troubles(answers[name])) for name in health],
        "dead_letters": _dead_letters(answers) if request.user.has_perm(DEAD_LETTERS) else None,
        "listed": LISTED,
    }


def _offerings(status: str) -> Question:
    parameters = {"lifecycle_status": status, "ordering": "-updated_at", "limit": LISTED}
    return Question("offering", "/api/v1/offerings", parameters)


def _troubles(answer: Answer | None) -> list[str] | None:
    """What a service says is not as it should be; None when it does not answer."""
    if answer is None:
        return None
    parts = answer.body["parts"].items()
    return [
        f"{gettext(name.replace('_', ' '))}: {said(part['reason'])}"
        for name, part in parts
        if part["status"] != "up"
    ]


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
