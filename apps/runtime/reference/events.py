"""``docs/events.md``: every type of event, told from the schemas beside its producer."""

from __future__ import annotations

import json
from typing import Any

from apps.runtime.reference.markdown import cell
from config.env import BASE_DIR
from config.services import SERVICES, Service

_VERBS = ("Created", "Updated", "Snapshot", "Deleted")
_NOT_SENT = "Snapshot"
"""The verb that a service without a topic has no use for: its events are history."""


_HEAD = """\
# Events

CloudEvents 1.0 in JSON, sent at least once and in any order: what is not newer than what one has, by the envelope's
`aggregateversion`, is left. Of an aggregate the data are its whole state (of a deleted one its id); a Snapshot is sent
when a rebuild or a repair of the store asks for it. Whole JSON schemas are at `/api/v1/<service>/events`, and in
`schemas/` of each service, of which `manage.py reference` made this. Identity has no topic: its events are the history
of users, kept and sent to nobody.

The envelope has `specversion`, `id`, `type`, `source` (the service), `subject` (the aggregate's id), `time`,
`datacontenttype` and `data`, and of its own `topic`, `aggregateversion`, `actor`, `correlationid`, `causationid` (the
event that led to it) and `traceparent`."""


def page() -> str:
    """Markdown: every type of event, who publishes it, who hears it, and what its data are."""
    parts = [_HEAD]
    for service in SERVICES.values():
        schemas = sorted((BASE_DIR / service.module.replace(".", "/") / "schemas").glob("*.json"))
        if schemas:
            parts += ["", f"## {service.name}: {f'`{service.topic}`' if service.topic else 'history alone'}"]
        for path in schemas:
            parts += _events(service, json.loads(path.read_text()))
    return "\n".join(parts) + "\n"


def types_of(service: Service, schema: dict[str, Any]) -> list[str]:
    """The types of event whose data a schema describes (a deleted aggregate's are its id)."""
    named: list[str] = schema.get("x-event-types", [])
    verbs = [verb for verb in _VERBS if service.topic or verb != _NOT_SENT]
    return named or [f"catalog.{service.name}.{schema['title']}{verb}.v1" for verb in verbs]


def _events(service: Service, schema: dict[str, Any]) -> list[str]:
    lines = ["", f"### {schema['title']}", "", cell(schema.get("description", "")), ""]
    lines += [f"- `{name}`, heard by {_hearers(service, name)}" for name in types_of(service, schema)]
    lines += ["", "| field | is | |", "|---|---|---|"]
    required = set(schema.get("required", ()))
    for name, of in schema["properties"].items():
        optional = "" if not required or name in required else "may be left out"
        said = "; ".join(part for part in (of.get("description", ""), _limits(of), optional) if part)
        lines.append(f"| `{name}` | {_kind(of)} | {cell(said)} |")
    return lines


def _hearers(service: Service, event_type: str) -> str:
    heard = [
        one.name
        for one in SERVICES.values()
        if any(wish.wants(service.topic, event_type) for wish in one.subscriptions)
    ]
    return ", ".join(heard) or "nobody"


def _kind(of: dict[str, Any]) -> str:
    if "enum" in of:
        return ", ".join("null" if one is None else f"`{one}`" for one in of["enum"])
    if "$ref" in of:
        return str(of["$ref"]).rpartition("/")[2]
    types = of.get("type", "any")
    names = " or ".join(types if isinstance(types, list) else [types])
    if "items" in of and isinstance(of["items"], dict):
        return f"{names} of {_kind(of['items'])}"
    return f"{names} ({of['format']})" if "format" in of else names


def _limits(of: dict[str, Any]) -> str:
    words = {
        "minLength": "at least {} characters", "maxLength": "at most {} characters",
        "minimum": "at least {}", "maximum": "at most {}", "minItems": "at least {}", "maxItems": "at most {}",
        "pattern": "`{}`",
    }  # fmt: skip
    return ", ".join(text.format(of[name]) for name, text in words.items() if name in of)
