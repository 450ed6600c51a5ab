"""The admin's forms as a browser sends them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse

from apps.admin_kit.model_admin import ActionAdmin
from config.services import SERVICES

if TYPE_CHECKING:
    from django.db.models import Model
    from django.test import Client


def rows(name: str, values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Inline rows of a field as they are posted; a boolean is a box that is ticked or not, None is left empty."""
    posted: dict[str, Any] = {f"{name}-TOTAL_FORMS": str(len(values)), f"{name}-INITIAL_FORMS": "0"}
    for index, row in enumerate(values):
        posted[f"{name}-{index}-ORDER"] = str(index + 1)
        for key, value in row.items():
            if value is True:
                posted[f"{name}-{index}-{key}"] = "on"
            elif value is not None and value is not False:
                posted[f"{name}-{index}-{key}"] = value
    return posted


def meanwhile(response: Any) -> list[str]:
    """The fields that the page of the second of two editors lists as changed."""
    return re.findall(r'data-field="(\w+)"', response.content.decode())


def as_shown(response: Any) -> dict[str, list[str]]:
    """What a browser would send of a page's form that nobody touched."""
    reader = _FormReader()
    reader.feed(response.content.decode())
    return reader.sent


class _FormReader(HTMLParser):
    """The successful controls of a change form, without those of rows that may be added. An input of one line has no
    line ends; everywhere else they are sent as a carriage return and a line feed."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._is_inside = False
        self._name, self._text = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._is_inside = (given.get("id") or "").endswith("_form")
        name, value = given.get("name") or "", given.get("value")
        if tag == "input" and (
            given.get("type") not in {"checkbox", "radio", "submit"} or "checked" in given
        ):
            one_line = given.get("type") in {"text", "email", "password"}
            sent = re.sub(r"[\r\n]", "", value or "") if one_line else value
            self._add(name, sent or ("on" if "checked" in given else ""))
        elif tag in {"select", "textarea"}:
            self._name, self._text = name, ""
        elif tag == "option" and "selected" in given:
            self._add(self._name, value or "")

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._add(self._name, self._text.removeprefix("\n"))
        elif tag == "form":
            self._is_inside = False

    def _add(self, name: str, value: str) -> None:
        if self._is_inside and name and "__prefix__" not in name:
            self.sent.setdefault(name, []).append(re.sub(r"\r\n?|\n", "\r\n", value))


def screens(client: Client) -> dict[str, int]:
    """The status of every screen that the registry has of the service under test, and of what was deleted from it."""
    service = SERVICES[settings.SERVICE_NAME]
    paths = [f"{service.admin_path}{screen.path}/" for screen in service.screens]
    for model, screen in admin.site._registry.items():
        if isinstance(screen, ActionAdmin):
            paths.append(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_deleted"))
    return {path: client.get(path).status_code for path in paths}


def screen_of(model: type[Model]) -> admin.ModelAdmin[Any]:
    """The screen of a model, whether or not a URL has been asked for yet."""
    admin.autodiscover()
    return admin.site.get_model_admin(model)


def plan_of_a_search(model: type[Model], term: str) -> str:
    """How PostgreSQL finds what a list's search looks for, when reading the whole table is no choice."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
    found, _ = screen_of(model).get_search_results(HttpRequest(), model._default_manager.all(), term)
    return str(found.explain())
