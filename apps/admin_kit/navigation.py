"""The one navigation: the registry's screens, in every service's sidebar, as far as a person may see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.translation import gettext

from apps.admin_kit.names import roles_in_words
from config.services import SECTIONS, SERVICES, WRITE_SERVICES, Screen, Service

Item = dict[str, Any]
HOME = SERVICES["identity"].admin_path
OPERATIONS = "/ops/"
OPERATIONS_PERMISSION = "ops.view_flow"
JOBS = "exchange/job"
"""Where a service has its imports and exports."""
JOBS_PERMISSION = "exchange.view_job"


def screens() -> Iterator[tuple[Service, Screen]]:
    """Every screen with its service, section by section."""
    for section in SECTIONS:
        for service in SERVICES.values():
            yield from ((service, screen) for screen in service.screens if screen.section == section)


def seen(request: HttpRequest) -> Iterator[tuple[Service, Screen]]:
    """The screens that a person may see; those for looking into how it works are for who operates it."""
    operates = request.user.has_perm(OPERATIONS_PERMISSION)
    for service, screen in screens():
        if request.user.has_perm(screen.permission) and (operates or not screen.technical):
            yield service, screen


def link(service: Service, screen: Screen) -> str:
    """A screen's URL path, the same from every service."""
    return f"{service.admin_path}{screen.path}/"


def sidebar(request: HttpRequest) -> list[Item]:
    """Unfold's ``SIDEBAR.navigation``: the front page and each section; one without a screen to see is left out."""
    shown = list(seen(request))
    groups: list[Item] = [{"title": "", "items": [_home(request)]}]
    if request.user.has_perm(JOBS_PERMISSION):
        groups[0]["items"].append(_jobs(request))
    for section in SECTIONS:
        items = [_item(request, service, screen) for service, screen in shown if screen.section == section]
        if section == "Administration" and request.user.has_perm(OPERATIONS_PERMISSION):
            items.append(_operations(request))
        if items:
            groups.append({"title": gettext(section), "separator": True, "items": items})
    return groups


def jobs() -> list[Item]:
    """The imports and exports of each service, which has its own."""
    return [
        {
            "title": gettext(SERVICES[name].screens[0].title),
            "link": _jobs_link(name),
            "active": name == settings.SERVICE_NAME,
        }
        for name in WRITE_SERVICES
    ]


def account(request: HttpRequest) -> list[Item]:
    """Unfold's ``ACCOUNT.navigation``: what is below a person's name."""
    return [{"title": gettext("API documentation"), "link": "/api/v1/docs"}]


def subheader(request: HttpRequest) -> str:
    """Unfold's ``SITE_SUBHEADER``: who one is here."""
    return roles_in_words(getattr(request.user, "roles", ())) or gettext("Product catalog")


def stylesheet(request: HttpRequest) -> str:
    """One of Unfold's ``STYLES``."""
    return static("admin_kit/admin.css")


def script(request: HttpRequest) -> str:
    """One of Unfold's ``SCRIPTS``."""
    return static("admin_kit/access.js")


def script_of_forms(request: HttpRequest) -> str:
    """Another of Unfold's ``SCRIPTS``."""
    return static("admin_kit/once.js")


def favicon(request: HttpRequest) -> str:
    return static("admin_kit/favicon.svg")


def _home(request: HttpRequest) -> Item:
    return {
        "title": gettext("Overview"),
        "icon": "dashboard",
        "link": HOME,
        "active": request.path == HOME,
    }


def _jobs(request: HttpRequest) -> Item:
    """Those of the service that one is at, else of the offerings."""
    here = settings.SERVICE_NAME
    return {
        "title": gettext("Imports and exports"),
        "icon": "swap_vert",
        "link": _jobs_link(here if here in WRITE_SERVICES else "offering"),
        "active": request.path.startswith(_jobs_link(here)),
    }


def _jobs_link(service: str) -> str:
    return f"{SERVICES[service].admin_path}{JOBS}/"


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
