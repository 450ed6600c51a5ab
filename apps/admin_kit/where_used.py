"""Where rows are used: asked of their users, with how many there are, what they are, and where all of them are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from apps.admin_kit import navigation
from apps.admin_kit.neighbours import Answer, Question, ask
from apps.core.errors import SuiteError

if TYPE_CHECKING:
    from apps.admin_kit.model_admin import ActionAdmin
    from apps.references.usage import UsedBy

LISTED = 10
TEMPLATE = "admin_kit/where_used.html"
FOUND = "admin_kit/where_used_found.html"


@dataclass(frozen=True, slots=True)
class Use:
    """One kind of user of a row: how many there are (None: that could not be asked), the first of them as (link,
    name), and the list of all of them."""

    title: str
    icon: str
    total: int | None
    rows: Sequence[tuple[str, str]] = ()
    all_url: str = ""

    @property
    def has_more(self) -> bool:
        return (self.total or 0) > len(self.rows)


def where_used_view(model_admin: ActionAdmin, request: HttpRequest, row: Any) -> HttpResponse:
    """What the form of a row asks for when it is looked at."""
    uses = uses_of(request, [row.pk], model_admin.used_by)[row.pk]
    may_delete = _is_free(uses, model_admin.used_by) and _may_delete(model_admin, request, row)
    return render(request, FOUND, {"uses": uses, "may_delete": may_delete})


def uses_of(
    request: HttpRequest, ids: Iterable[UUID], users: Sequence[UsedBy]
) -> Mapping[UUID, Sequence[Use]]:
    """The uses of each row, all asked at once, of the kinds that the person may see."""
    seen = [user for user in users if request.user.has_perm(_screen(user)[1].permission)]
    rows = list(ids)
    questions = {(id_, number): _question(user, id_) for id_ in rows for number, user in enumerate(seen)}
    answers = ask(request, questions)
    return {id_: [_use(user, id_, answers[id_, number]) for number, user in enumerate(seen)] for id_ in rows}


def _question(user: UsedBy, id_: UUID) -> Question:
    wanted = {user.parameter: str(id_), **user.where, "limit": LISTED, "ordering": "name"}
    return Question(user.service, user.path, wanted)


def _use(user: UsedBy, id_: UUID, answer: Answer | None) -> Use:
    service, screen = _screen(user)
    link = navigation.link(service, screen)
    those_that_count = {f"{field}__in": ",".join(values) for field, values in user.where.items()}
    return Use(
        title=gettext(screen.title),
        icon=screen.icon,
        total=answer.total if answer else None,
        rows=[(f"{link}{row['id']}/change/", row["name"]) for row in answer.body] if answer else (),
        all_url=f"{link}?{urlencode({user.parameter: id_, **those_that_count})}",
    )


def _is_free(uses: Sequence[Use], users: Sequence[UsedBy]) -> bool:
    """Whether all who may use it were asked, and none does."""
    return len(uses) == len(users) and all(use.total == 0 for use in uses)


def _may_delete(model_admin: ActionAdmin, request: HttpRequest, row: Any) -> bool:
    try:
        model_admin.check_deletable(row)
    except SuiteError:
        return False
    return model_admin.has_delete_permission(request, row)


def _screen(user: UsedBy) -> Any:
    return next(found for found in navigation.screens() if found[1].api == user.path)
