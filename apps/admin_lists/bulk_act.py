"""What is done to several selected rows at once: to each as the page showed it, and to no more than ``MOST``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import actions
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.core.errors import SuiteError
from apps.core.ids import parsed

if TYPE_CHECKING:
    from apps.admin_kit.model_admin import ActionAdmin
    from apps.admin_lists.list_admin import ListAdmin

MOST = 100
"""A request stays short, whatever an action asks other services about each row."""
TOLD = 10
"""Refusals that are told one by one."""
SEEN = "seen"
"""The field of a page in which each row has its ``<id>:<version>``."""


def pair(row: Any) -> str:
    """What a page remembers of a row that it shows."""
    return f"{row.pk}:{row.version}"


def versions(pairs: Iterable[str]) -> dict[UUID, int]:
    """The versions that a page showed, by id; what is no ``<id>:<version>`` is left out."""
    parts = (one.partition(":") for one in pairs)
    return {
        id_: int(version) for one, _colon, version in parts if version.isdecimal() and (id_ := parsed(one))
    }


def act_on_each(
    model_admin: ListAdmin,
    request: HttpRequest,
    rows: QuerySet[Any],
    act: Callable[[Any, int], object],
    *,
    what: object,
) -> None:
    """Do ``what`` by ``act(row, version seen)`` to the first rows, and tell how many it was done to.

    One that is refused stops no other and says why. Of a row that no page showed ("all that match") the version is
    the one that it has now.
    """
    shown = versions(request.POST.getlist(SEEN))
    found = list(rows[: MOST + 1])
    refused = []
    for row in found[:MOST]:
        seen = shown.get(row.pk, getattr(row, "version", 0))
        try:
            act(row, seen)
        except SuiteError as error:
            refused.append((row, model_admin.why(error, row.pk, seen=seen)))
    _tell(model_admin, request, what, found, refused)


def delete_selected(model_admin: ActionAdmin, request: HttpRequest, rows: QuerySet[Any]) -> Any:
    """Django's action, by our own ``delete_action``: its page asks first, and remembers what it showed."""
    what = _("Delete")
    if "post" in request.POST:
        return act_on_each(model_admin, request, rows, partial(model_admin.delete_row, request), what=what)
    found = list(rows[: MOST + 1])
    if len(found) > MOST:
        model_admin.message_user(request, _only_the_first(), messages.WARNING)
    chosen = rows.model._default_manager.filter(pk__in=[row.pk for row in found[:MOST]])
    page = actions.delete_selected(model_admin, request, chosen)
    if isinstance(page, TemplateResponse):
        shown = versions(request.POST.getlist(SEEN))
        pairs = [f"{row.pk}:{shown.get(row.pk, row.version)}" for row in found[:MOST]]
        page.context_data = {**(page.context_data or {}), SEEN: pairs}
    return page


def _tell(
    model_admin: ListAdmin,
    request: HttpRequest,
    what: object,
    found: list[Any],
    refused: list[tuple[Any, str]],
) -> None:
    tried = min(len(found), MOST)
    if done := tried - len(refused):
        text = _("{what}: {done} of {tried}").format(what=what, done=done, tried=tried)
        model_admin.message_user(request, text, messages.SUCCESS)
    for row, reason in refused[:TOLD]:
        model_admin.message_user(request, f"{row}: {reason}", messages.ERROR)
    if more := len(refused[TOLD:]):
        text = ngettext("{more} more was refused.", "{more} more were refused.", more).format(more=more)
        model_admin.message_user(request, text, messages.ERROR)
    if gone := _gone(request, found):
        text = ngettext(
            "{gone} of those chosen is not there any more.",
            "{gone} of those chosen are not there any more.",
            gone,
        ).format(gone=gone)
        model_admin.message_user(request, text, messages.WARNING)
    if len(found) > MOST:
        model_admin.message_user(request, _only_the_first(), messages.WARNING)


def _gone(request: HttpRequest, found: list[Any]) -> int:
    """How many of the rows that were chosen one by one were not found."""
    if request.POST.get("select_across") == "1" or len(found) > MOST:
        return 0
    return len(set(request.POST.getlist(ACTION_CHECKBOX_NAME)) - {str(row.pk) for row in found})


def _only_the_first() -> str:
    return _("Only the first {most} of those chosen; choose again for the others.").format(most=MOST)
