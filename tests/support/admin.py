"""The admin's forms as a browser sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings

from config.services import SERVICES

if TYPE_CHECKING:
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


def screens(client: Client) -> dict[str, int]:
    """The status of every screen that the registry has of the service under test."""
    service = SERVICES[settings.SERVICE_NAME]
    return {
        screen.path: client.get(f"{service.admin_path}{screen.path}/").status_code
        for screen in service.screens
    }
