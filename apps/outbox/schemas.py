"""The published contract of a service's events: a JSON schema per aggregate, in ``schemas/`` beside its producer."""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from django.conf import settings

from apps.outbox.kinds import registered
from config.services import SERVICES

VERBS = ("Created", "Updated", "Snapshot")


@functools.cache
def state_schema(kind_name: str) -> dict[str, Any]:
    """The JSON schema (2020-12) of an aggregate's state."""
    schema: dict[str, Any] = json.loads((_folder() / f"{kind_name.lower()}.json").read_text())
    return schema


def _folder() -> Traversable:
    return files(SERVICES[settings.SERVICE_NAME].module) / "schemas"


def event_schemas() -> dict[str, dict[str, Any]]:
    """Event type -> the JSON schema of its ``data``: of every aggregate of this service, and of the further types
    that a schema names itself (``x-event-types``)."""
    found: dict[str, dict[str, Any]] = {}
    for kind in registered():
        for verb in VERBS:
            found[kind.event_type(verb)] = state_schema(kind.name)
        found[kind.event_type("Deleted")] = {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string", "format": "uuid"}},
        }
    for file in _folder().iterdir():
        schema = json.loads(file.read_text())
        found.update(dict.fromkeys(schema.get("x-event-types", ()), schema))
    return found
