"""What was deleted from a list: by whom and when, with the way to its history, out of which it can be made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from apps.admin_kit.history import as_row
from apps.core.numbers import whole
from apps.outbox import history
from apps.outbox.kinds import kind_of

if TYPE_CHECKING:
    from apps.admin_kit.model_admin import ActionAdmin

TEMPLATE = "admin_kit/deleted.html"
PER_PAGE = 100


def deleted_view(model_admin: ActionAdmin, request: HttpRequest) -> HttpResponse:
    """The newest ``PER_PAGE`` deletions or those ``before`` another one."""
    model = model_admin.model
    upto = whole(request.GET.get("before", ""))
    found = history.deletions(kind_of(model), before=upto, most=PER_PAGE + 1)
    shown = found[:PER_PAGE]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Deleted: %(what)s") % {"what": model._meta.verbose_name_plural},
        "opts": model._meta,
        "lines": [{"deletion": one, "name": str(as_row(model, one.state))} for one in shown],
        "upto": upto,
        "older": shown[-1].place if len(found) > PER_PAGE else None,
    }
    return TemplateResponse(request, TEMPLATE, context)
