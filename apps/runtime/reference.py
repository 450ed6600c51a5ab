"""What can be set and what is published, told from the code: ``docs/settings.md`` and ``docs/events.md``."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps.runtime.credentials import GENERATED
from config.env import BASE_DIR
from config.parts import PARTS
from config.services import SERVICES, Service

DOCS = BASE_DIR / "docs"
_TYPES = {"str": "text", "int": "number", "float": "number", "bool": "true/false", "list": "list, by commas"}
_SNAPSHOT_VERBS = ("Created", "Updated", "Snapshot", "Deleted")
_SOURCES = (
    ("Everywhere", ("config", "apps/core", "apps/access", "apps/observability", "apps/outbox", "apps/saga")),
    ("Starting it without Docker", ("apps/runtime",)),
    *((f"The {name} service", (f"catalog_services/{name}",)) for name in SERVICES),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """An environment variable: what reads it says its type and its default; ``meaning`` is the comment there."""

    name: str
    type: str
    default: str
    meaning: str


def settings_page() -> str:
    """Markdown: a table of the environment variables, by where they count."""
    parts = [
        "# Settings",
        "",
        "Everything is set by environment variables, or in a `.env` beside `manage.py`; the environment goes first. A",
        "default in `<...>` is computed. Made of the code by `manage.py reference`.",
    ]
    for title, folders in _SOURCES:
        found = {one.name: one for folder in folders for one in settings_below(BASE_DIR / folder)}
        if title == "Everywhere":
            found |= {one.name: one for one in _parts()}
        if not found:
            continue
        parts += ["", f"## {title}", "", "| variable | is | default | means |", "|---|---|---|---|"]
        parts += [
            f"| `{one.name}` | {one.type} | {_code(one.default)} | {_cell(one.meaning)} |"
            for one in sorted(found.values(), key=lambda one: one.name)
        ]
    parts += [
        "",
        "## Secrets",
        "",
        "`manage.py up` makes what is not set, once, in `.run/<port offset>/secrets.env`.",
    ]
    parts += ["", "| variable | means |", "|---|---|"]
    parts += [f"| `{name}` | {meaning} |" for name, meaning in GENERATED.items()]
    return "\n".join(parts) + "\n"


def unexplained() -> list[str]:
    """Variables of which the code does not say what they mean."""
    return [
        one.name
        for _, folders in _SOURCES
        for folder in folders
        for one in settings_below(BASE_DIR / folder)
        if not one.meaning
    ]


def _parts() -> Iterator[Setting]:
    for name, part in PARTS.items():
        yield Setting(part.variable, "URL", "", f"Where {name} stands, when it is not to be started here.")


def settings_below(folder: Path) -> Iterator[Setting]:
    for path in sorted(folder.rglob("*.py")):
        source = path.read_text()
        if "env." in source:
            yield from _settings_in(source)


def _settings_in(source: str) -> Iterator[Setting]:
    lines = source.splitlines()
    for statement in _statements(ast.parse(source)):
        for call in ast.walk(statement):
            if not (isinstance(call, ast.Call) and _reads(call.func) and call.args):
                continue
            if name := _name(call.args[0]):
                default = next((one.value for one in call.keywords if one.arg == "default"), None)
                yield Setting(
                    name,
                    _TYPES[call.func.attr],  # type: ignore[attr-defined]  # _reads has looked
                    _default(default),
                    _comment(lines, call.lineno - 1)
                    or _docstring(statement)
                    or _comment(lines, statement.lineno - 1),
                )


def _statements(module: ast.Module) -> Iterator[ast.stmt]:
    """Functions as a whole, and whatever else stands at the top level; of a class its methods."""
    for statement in module.body:
        if isinstance(statement, ast.ClassDef):
            yield from statement.body
        else:
            yield statement


def _reads(called: ast.expr) -> bool:
    """``env.str`` or ``env.env.str``, and so on."""
    return (
        isinstance(called, ast.Attribute)
        and called.attr in _TYPES
        and ast.unparse(called.value) in {"env", "env.env"}
    )


def _name(argument: ast.expr) -> str:
    """The variable's name; what is filled in stands in pointed brackets; empty for a name that is computed."""
    match argument:
        case ast.Constant(value=str(name)):
            return name
        case ast.JoinedStr(values=values):
            return "".join(_part(one) for one in values)
    return ""


def _part(of: ast.expr) -> str:
    match of:
        case ast.Constant(value=text):
            return str(text)
        case ast.FormattedValue(value=value):
            return f"<{_filled_in(value)}>"
    raise TypeError(ast.dump(of))


def _filled_in(value: ast.expr) -> str:
    """``SERVICE`` for ``service.upper()``, anything else as it stands."""
    match value:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="upper")):
            return name.upper()
    return ast.unparse(value)


def _docstring(statement: ast.stmt) -> str:
    if not isinstance(statement, ast.FunctionDef):
        return ""
    return " ".join((ast.get_docstring(statement) or "").split("\n\n")[0].split())


def _comment(lines: list[str], row: int) -> str:
    """What stands right above a line."""
    end = row
    while row and lines[row - 1].lstrip().startswith("#"):
        row -= 1
    return " ".join(line.lstrip().removeprefix("#").strip() for line in lines[row:end])


def _default(given: ast.expr | None) -> str:
    match given:
        case None | ast.Constant(value="" | None):
            return ""
        case ast.Constant(value=value):
            return str(value)
        case ast.JoinedStr():
            return _name(given)
    return ast.unparse(given)


def _code(text: str) -> str:
    return f"`{text}`".replace("|", "\\|") if text and text not in {"''", '""'} else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def events_page() -> str:
    """Markdown: every type of event, who publishes it, who hears it, and what its data are."""
    parts = [
        "# Events",
        "",
        "CloudEvents 1.0 in JSON. The data of an aggregate are always its whole state, as REST gives it; of a deleted",
        "one its id. Delivery is at least once, and in order of `version` for each aggregate. Made of the schemas by",
        "`manage.py reference`.",
    ]
    for service in SERVICES.values():
        if service.topic:
            hearers = ", ".join(service.subscribers) or "nobody"
            parts += ["", f"## {service.name}: `{service.topic}`", "", f"Heard by {hearers}."]
            for path in sorted((BASE_DIR / service.module.replace(".", "/") / "schemas").glob("*.json")):
                parts += _event(service, json.loads(path.read_text()))
    return "\n".join(parts) + "\n"


def _event(service: Service, schema: dict[str, Any]) -> list[str]:
    title = schema["title"]
    types = schema.get("x-event-types") or [
        f"catalog.{service.name}.{title.replace(' ', '')}{verb}.v1" for verb in _SNAPSHOT_VERBS
    ]
    lines = ["", f"### {title}", "", _cell(schema.get("description", "")), ""]
    lines += [f"- `{name}`" for name in types]
    lines += ["", "| field | is | |", "|---|---|---|"]
    required = set(schema.get("required", ()))
    for name, of in schema["properties"].items():
        optional = "" if not required or name in required else "may be left out"
        said = "; ".join(part for part in (of.get("description", ""), _limits(of), optional) if part)
        lines.append(f"| `{name}` | {_kind(of)} | {_cell(said)} |")
    return lines


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


PAGES = {"settings.md": settings_page, "events.md": events_page}
