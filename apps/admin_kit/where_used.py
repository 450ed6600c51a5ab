"""Where a row is used: asked of its users while the form is looked at, with how many there are and what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from apps.admin_kit import navigation
from apps.admin_kit.neighbours import Question, ask

if TYPE_CHECKING:
    from apps.references.usage import UsedBy

LISTED = 10
TEMPLATE = "admin_kit/where_used.html"
FOUND = "admin_kit/where_used_found.html"


def where_used_view(request: HttpRequest, id_: str, users: Sequence[UsedBy]) -> HttpResponse:
    """The users of a row, as far as the person may see them; a service that does not answer is said."""
    seen = [user for user in users if request.user.has_perm(_screen(user)[1].permission)]
    questions = {
        number: Question(
            user.service, user.path, {user.parameter: id_, **user.where, "limit": LISTED, "ordering": "name"}
        )
        for number, user in enumerate(seen)
    }
    answers = ask(request, questions)
    return render(request, FOUND, {"users": [_found(seen[n], answer) for n, answer in answers.items()]})


def _found(user: UsedBy, answer: Any) -> dict[str, Any]:
    service, screen = _screen(user)
    link = navigation.link(service, screen)
    return {
        "title": gettext(screen.title),
        "icon": screen.icon,
        "answers": answer is not None,
        "total": answer.total if answer else 0,
        "rows": [(f"{link}{row['id']}/change/", row["name"]) for row in answer.body] if answer else [],
        "more": max(0, answer.total - len(answer.body)) if answer else 0,
    }


def _screen(user: UsedBy) -> Any:
    return next(found for found in navigation.screens() if found[1].api == user.path)
