"""``docs/settings.md``: every environment variable, told from the code that reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apps.runtime.credentials import GENERATED
from apps.runtime.reference.markdown import cell
from config.env import BASE_DIR
from config.parts import NOWHERE, OPTIONAL, PARTS
from config.services import SERVICES

_TYPES = {
    "str": "text",
    "int": "number",
    "float": "number",
    "days": "days",
    "bool": "true/false",
    "list": "list, by commas",
}
_SOURCES = (
    ("Everywhere", ("config", "apps/core", "apps/access", "apps/observability", "apps/outbox", "apps/saga")),
    ("Starting it without Docker", ("apps/runtime",)),
    *((f"The {name} service", (f"catalog_services/{name}",)) for name in SERVICES),
)

_OPENTELEMETRY = {
    "OTEL_TRACES_SAMPLER": "Which requests begin a trace: `parentbased_always_on` (its default), "
    "`parentbased_traceidratio`, `parentbased_always_off`. Of those it chooses, `TRACES_PER_SECOND` begin.",
    "OTEL_TRACES_SAMPLER_ARG": "For `parentbased_traceidratio`: the share, `0.1` for a tenth.",
    "OTEL_EXPORTER_OTLP_HEADERS": "What a collector wants to be sent with every request: `name=value`, by commas.",
}

_HEAD = """\
# Settings

Everything is set by environment variables, or in a `.env` beside `manage.py`; the environment goes first. A change
counts after `make down` and `make up`. To containers docker-compose.yml passes on what `.env` says, but for what only
counts without them and for what it says itself, such as where the parts stand; the Helm chart, whatever its `settings`
say. A default in `<...>` is computed. Made of the code by `manage.py reference`."""


@dataclass(frozen=True, slots=True)
class Setting:
    """An environment variable: what reads it says its type and its default; ``meaning`` is the comment there."""

    name: str
    type: str
    default: str
    meaning: str


def page() -> str:
    """Markdown: a table of the environment variables, by where they count."""
    parts = [_HEAD]
    for title, folders in _SOURCES:
        found = {one.name: one for folder in folders for one in settings_below(BASE_DIR / folder)}
        if title == "Everywhere":
            found |= {one.name: one for one in _parts()}
        if not found:
            continue
        parts += ["", f"## {title}", "", "| variable | is | default | means |", "|---|---|---|---|"]
        parts += [
            f"| `{one.name}` | {one.type} | {_code(one.default)} | {cell(one.meaning)} |"
            for one in found.values()
        ]
    parts += ["", "## Read by OpenTelemetry itself", "", "| variable | means |", "|---|---|"]
    parts += [f"| `{name}` | {meaning} |" for name, meaning in _OPENTELEMETRY.items()]
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
        without = f"; `{NOWHERE}`: there is none, and nobody misses it" if name in OPTIONAL else ""
        yield Setting(
            part.variable, "URL", "", f"Where {name} stands, when it is not to be started here{without}."
        )


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
