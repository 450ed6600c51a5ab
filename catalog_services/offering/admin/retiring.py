"""Asking before offerings are retired: with the bundles that have them, and those that stand in the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.admin_kit import asking
from apps.admin_kit.where_used import LISTED, Use
from apps.admin_lists.bulk_act import SEEN, versions
from apps.core.errors import SuiteError
from catalog_services.offering.actions.offering_retire import check_retirable, offering_retire
from catalog_services.offering.admin import sources
from catalog_services.offering.models import Offering
from catalog_services.offering.selectors.offering import bundles_with

if TYPE_CHECKING:
    from catalog_services.offering.admin.offering import OfferingAdmin


def retire_view(model_admin: OfferingAdmin, request: HttpRequest, id_: UUID) -> HttpResponse:
    """GET: the page that asks about one offering; POST: it is retired, as that page showed it."""
    row = get_object_or_404(Offering, pk=id_)
    if request.method != "POST":
        return ask(model_admin, request, [row])
    seen = versions(request.POST.getlist(SEEN)).get(row.pk, row.version)
    try:
        offering_retire(actor=request.user.actor, id=row.pk, expected_version=seen)  # type: ignore[union-attr]
    except SuiteError as error:
        messages.error(request, model_admin.why(request, error, row.pk, seen=seen))
    return HttpResponseRedirect("../change/")


def ask(
    model_admin: OfferingAdmin, request: HttpRequest, rows: Sequence[Offering], *, action: str = ""
) -> TemplateResponse:
    """The page that asks about some; ``action`` names the list's action that it comes from."""
    shown = asking.context(
        [asking.Asked(row, _bundles(row), _why_not(model_admin, request, row)) for row in rows],
        versions(request.POST.getlist(SEEN)),
        goes=_("This will be retired, for good: nobody can buy it any more."),
        stays=_("This cannot be retired:"),
        action=action,
    )
    return asking.page(model_admin, request, shown, title=_("Retire"))


def _why_not(model_admin: OfferingAdmin, request: HttpRequest, row: Offering) -> str:
    try:
        check_retirable(row)
    except SuiteError as error:
        return model_admin.worded(request, error)
    return ""


def _bundles(row: Offering) -> list[Use]:
    """The bundles that have it and are not retired."""
    found = bundles_with(row.pk)
    if not (total := found.count()):
        return []
    source = sources.OFFERINGS
    rows = [(source.link(one.pk), source.label(one)) for one in found[:LISTED]]
    all_url = f"{reverse('admin:offering_offering_changelist')}?{urlencode({'bundled_offering_id': row.pk})}"
    return [Use(_("Bundles that have it"), "deployed_code", total, rows, all_url)]
