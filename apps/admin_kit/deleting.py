"""Deleting rows, after a page that shows where they are used; what is used, or cannot be deleted as it is, stays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from apps.admin_kit import asking, where_used
from apps.admin_lists.bulk_act import SEEN, act_on_each, first_ones, is_across, versions
from apps.core.errors import SuiteError

if TYPE_CHECKING:
    from apps.admin_kit.model_admin import ActionAdmin
    from apps.admin_kit.where_used import Use


def before(
    model_admin: ActionAdmin, request: HttpRequest, rows: Sequence[Any], *, action: str = ""
) -> dict[str, Any]:
    """What the page that asks shows."""
    uses = where_used.uses_of(request, [row.pk for row in rows], model_admin.used_by)
    return asking.context(
        [asking.Asked(row, uses[row.pk], _why_not(model_admin, request, row, uses[row.pk])) for row in rows],
        versions(request.POST.getlist(SEEN)),
        goes=_("This will be deleted, for good:"),
        stays=_("This cannot be deleted:"),
        action=action,
    )


def _why_not(model_admin: ActionAdmin, request: HttpRequest, row: Any, uses: Sequence[Use]) -> str:
    try:
        model_admin.check_deletable(row)
    except SuiteError as error:
        return model_admin.worded(request, error)
    if any(use.total for use in uses):
        return _("It is used.")
    if any(use.total is None for use in uses):
        return _("Whether it is used cannot be asked just now.")
    return ""


def delete_selected(
    model_admin: ActionAdmin, request: HttpRequest, rows: QuerySet[Any]
) -> TemplateResponse | None:
    """The list's action, by our own ``delete_action``: its page asks first, and remembers what it showed."""
    if is_across(request):
        rows = model_admin.deletable(rows)
    if "post" in request.POST or not rows.exists():
        act = partial(_delete, model_admin, request)
        act_on_each(model_admin, request, rows, act, what=_("Delete"))
        return None
    chosen = first_ones(model_admin, request, rows)
    shown = before(model_admin, request, chosen, action="delete_selected")
    return asking.page(model_admin, request, shown, title=_("Delete"))


def _delete(model_admin: ActionAdmin, request: HttpRequest, row: Any, seen: int) -> None:
    with transaction.atomic():
        model_admin.log_deletions(request, [row])
        model_admin.delete_row(request, row, seen)
