"""The pages of the glass box. Admins only; each renews itself by asking for its own inner part again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.admin_kit import consoles
from apps.admin_kit.htmx import STOP_POLLING
from apps.admin_kit.navigation import OPERATIONS_PERMISSION
from apps.core.correlation import is_acceptable
from catalog_services.identity.ops.flow import flow
from catalog_services.identity.ops.story import story

View = Callable[..., HttpResponse]


def _page(view: View) -> View:
    """For who may see it; kept by nobody."""

    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        if not request.user.has_perm(OPERATIONS_PERMISSION):
            raise PermissionDenied
        return view(request, **arguments)

    return require_safe(never_cache(guarded))


@_page
def flow_page(request: HttpRequest) -> HttpResponse:
    """``/ops/``; with ``?id=`` the way to the glass box of that id."""
    if wanted := request.GET.get("id", "").strip():
        if is_acceptable(wanted):
            return HttpResponseRedirect(reverse("ops-story", kwargs={"correlation_id": wanted}))
        error = _("A correlation id has 1 to 64 letters, digits and the signs . _ : -")
        return _rendered(request, "flow", {**_flow(request), "error": error}, status=400)
    return _rendered(request, "flow", _flow(request))


@_page
def story_page(request: HttpRequest, correlation_id: str) -> HttpResponse:
    """``/ops/c/<correlation id>``"""
    told = story(request, correlation_id)
    shown = {
        "story": told,
        "correlation_id": correlation_id,
        "traces_url": consoles.traces_url(correlation_id),
    }
    if told.is_final and _is_part(request):
        return _rendered(request, "story", shown, status=STOP_POLLING)
    return _rendered(request, "story", shown)


def _flow(request: HttpRequest) -> dict[str, Any]:
    return {"flow": flow(request), "consoles": consoles.all_of_them()}


def _is_part(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _rendered(request: HttpRequest, name: str, shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The page, or for htmx only what is in its middle."""
    if _is_part(request):
        return render(request, f"identity/ops/{name}_part.html", shown, status=status)
    titles = {"flow": _("Operations"), "story": _("Glass box")}
    context = {**admin.site.each_context(request), "title": titles[name], **shown}
    return render(request, f"identity/ops/{name}.html", context, status=status)
