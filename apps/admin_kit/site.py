"""One admin out of five: every service has this site, with the same navigation; identity's is the front page."""

from __future__ import annotations

from time import monotonic
from typing import Any, override

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy
from unfold.sites import UnfoldAdminSite

from apps.admin_kit import navigation, overview, palette
from apps.admin_kit.choices import choices_view

_PAST_THE_ACTIONS = frozenset({"password_change", "password_change_done"})
"""Pages of the stock admin that write a user as no action does: no event, no throttle, and every session goes on."""


class SuiteAdminSite(UnfoldAdminSite):
    """A service's screens below its own path; what is before them is the front page of all."""

    enable_nav_sidebar = True
    index_title = gettext_lazy("Overview")

    @override
    def get_urls(self) -> list[URLResolver | URLPattern]:
        own = [path("choices/<slug:name>/", self.admin_view(choices_view), name="choices")]
        return [
            *own,
            *(url for url in super().get_urls() if getattr(url, "name", "") not in _PAST_THE_ACTIONS),
        ]

    @override
    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Of the whole suite, and as it is now: Unfold's own knows one service and remembers for five minutes."""
        started = monotonic()
        term = request.GET.get("s", "").strip()
        if not term:
            return HttpResponse()
        results = palette.found(request, term)
        page = Paginator(results, len(results) or 1)
        return TemplateResponse(
            request,
            "unfold/helpers/command_results.html",
            {
                "search_term": term,
                "page_obj": page,
                "results": page.page(1),
                "page_counter": 0,
                "execution_time": monotonic() - started,
            },
            headers={"HX-Trigger": "search"},
        )

    @override
    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if settings.SERVICE_NAME != "identity":
            return HttpResponseRedirect(navigation.HOME)
        return super().index(request, {**overview.context(request), **(extra_context or {})})

    @override
    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A service's models are few, and all are in the navigation."""
        return HttpResponseRedirect(navigation.HOME)
