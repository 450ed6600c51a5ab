"""The one navigation: the registry's screens, in every service's sidebar, as far as a person may see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.translation import gettext

from apps.admin_kit.names import ROLE_NAMES
from config.services import SECTIONS, SERVICES, Screen, Service

Item = dict[str, Any]
HOME = SERVICES["identity"].admin_path
OPERATIONS = "/ops/"
OPERATIONS_PERMISSION = "ops.view_flow"


def screens() -> Iterator[tuple[Service, Screen]]:
    """Every screen with its service, section by section."""
    for section in SECTIONS:
        for service in SERVICES.values():
            yield from ((service, screen) for screen in service.screens if screen.section == section)


def link(service: Service, screen: Screen) -> str:
    """A screen's URL path, the same from every service."""
    return f"{service.admin_path}{screen.path}/"


def sidebar(request: HttpRequest) -> list[Item]:
    """Unfold's ``SIDEBAR.navigation``: the front page and each section; one without a screen to see is left out."""
    groups: list[Item] = [{"title": "", "items": [_home(request)]}]
    for section in SECTIONS:
        items = [
            _item(request, service, screen)
            for service, screen in screens()
            if screen.section == section and request.user.has_perm(screen.permission)
        ]
        if section == "Administration" and request.user.has_perm(OPERATIONS_PERMISSION):
            items.append(_operations(request))
        if items:
            groups.append({"title": gettext(section), "separator": True, "items": items})
    return groups


def account(request: HttpRequest) -> list[Item]:
    """Unfold's ``ACCOUNT.navigation``: what is below a person's name."""
    return [{"title": gettext("API documentation"), "link": "/api/v1/docs"}]


def subheader(request: HttpRequest) -> str:
    """Unfold's ``SITE_SUBHEADER``: who one is here."""
    roles = getattr(request.user, "roles", ())
    return ", ".join(str(ROLE_NAMES.get(role, role)) for role in sorted(roles)) or gettext("Product catalog")


def stylesheet(request: HttpRequest) -> str:
    """One of Unfold's ``STYLES``."""
    return static("admin_kit/admin.css")


def script(request: HttpRequest) -> str:
    """One of Unfold's ``SCRIPTS``."""
    return static("admin_kit/access.js")


def favicon(request: HttpRequest) -> str:
    return static("admin_kit/favicon.svg")


def _home(request: HttpRequest) -> Item:
    return {
        "title": gettext("Overview"),
        "icon": "dashboard",
        "link": HOME,
        "active": request.path == HOME,
    }


def _operations(request: HttpRequest) -> Item:
    return {
        "title": gettext("Operations"),
        "icon": "monitoring",
        "link": OPERATIONS,
        "active": request.path.startswith(OPERATIONS),
    }


def _item(request: HttpRequest, service: Service, screen: Screen) -> Item:
    target = link(service, screen)
    return {
        "title": gettext(screen.title),
        "icon": screen.icon,
        "link": target,
        "active": request.path.startswith(target),
    }
