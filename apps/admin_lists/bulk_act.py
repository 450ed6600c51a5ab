"""What is done to several selected rows at once: to each as the page showed it, and to no more than ``MOST``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.bidi import isolated
from apps.core.errors import SuiteError, Timeout, Unavailable
from apps.core.ids import parsed
from apps.core.numbers import whole

if TYPE_CHECKING:
    from apps.admin_lists.list_admin import ListAdmin

MOST = 100
"""So many that a request stays short, though an action asks other services about each row."""
TOLD = 10
"""Refusals that are told one by one."""
SEEN = "seen"
"""The field of a page in which each row has its ``<id>:<version>``."""


Refused = tuple[Any, int, SuiteError]
"""A row, the version of it that was seen, and why."""


def pair(row: Any) -> str:
    """What a page remembers of a row that it shows."""
    return f"{row.pk}:{row.version}"


def versions(pairs: Iterable[str]) -> dict[UUID, int]:
    """The versions that a page showed, by id; what is no ``<id>:<version>`` is left out."""
    parts = (one.partition(":") for one in pairs)
    read = ((parsed(one), whole(version)) for one, _colon, version in parts)
    return {id_: version for id_, version in read if id_ is not None and version is not None}


def is_across(request: HttpRequest) -> bool:
    """Whether all that match the list's filters were chosen, and not some rows one by one."""
    return request.POST.get("select_across") == "1"


def act_on_each(
    model_admin: ListAdmin,
    request: HttpRequest,
    rows: QuerySet[Any],
    act: Callable[[Any, int], object],
    *,
    what: object,
) -> None:
    """Do ``what`` by ``act(row, version seen)`` to the first rows, and tell how many it was done to.

    One that is refused stops no other and says why; a part that is away stops all, which would wait for it as long. Of
    a row that no page showed ("all that match") the version is the one that it has now.
    """
    shown = versions(request.POST.getlist(SEEN))
    found = list(rows[: MOST + 1])
    chosen, done = found[:MOST], 0
    refused: list[Refused] = []
    for row in chosen:
        seen = shown.get(row.pk, getattr(row, "version", 0))
        try:
            act(row, seen)
            done += 1
        except SuiteError as error:
            refused.append((row, seen, error))
            if type(error) in {Unavailable, Timeout}:
                break
    tell = partial(model_admin.message_user, request)
    if done:
        tell(
            _("{what}: {done} of {chosen}").format(what=what, done=done, chosen=len(chosen)), messages.SUCCESS
        )
    for row, seen, refusal in refused[:TOLD]:
        tell(
            format_html("{}: {}", isolated(str(row)), model_admin.why(request, refusal, row.pk, seen=seen)),
            messages.ERROR,
        )
    for text in _left(request, len(found), done, len(refused)):
        tell(text, messages.WARNING)


def _left(request: HttpRequest, found: int, done: int, refused: int) -> Iterator[str]:
    """What else there is to tell."""
    if more := max(0, refused - TOLD):
        yield ngettext("{more} more was refused.", "{more} more were refused.", more).format(more=more)
    if left := min(found, MOST) - done - refused:
        yield ngettext("{left} was not tried.", "{left} were not tried.", left).format(left=left)
    if found > MOST:
        yield _only_the_first()
    elif (
        not is_across(request) and (gone := len(set(request.POST.getlist(ACTION_CHECKBOX_NAME))) - found) > 0
    ):
        yield ngettext(
            "{gone} of those chosen is not there any more.",
            "{gone} of those chosen are not there any more.",
            gone,
        ).format(gone=gone)


def first_ones(model_admin: ListAdmin, request: HttpRequest, rows: QuerySet[Any]) -> list[Any]:
    """The rows that a page asks about before something is done to them; that there are more is told."""
    found = list(rows[: MOST + 1])
    if len(found) > MOST:
        model_admin.message_user(request, _only_the_first(), messages.WARNING)
    return found[:MOST]


def _only_the_first() -> str:
    return _("Only the first {most} of those chosen; choose again for the others.").format(most=MOST)
