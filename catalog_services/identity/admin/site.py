from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse

from config.services import SERVICES


class SuiteAdminSite(AdminSite):
    """Users and keys, and the way to every service's own admin."""

    site_header = "Catalog Suite"
    site_title = "Catalog Suite"
    index_title = "Administration"
    index_template = "identity/index.html"
    site_url = None

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        neighbours = [s for s in SERVICES.values() if s.database and s.name != "identity"]
        return super().index(request, {**(extra_context or {}), "neighbours": neighbours})


site = SuiteAdminSite(name="admin")
