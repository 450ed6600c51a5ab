"""What was done, what went wrong and what was assumed: for a person, and as JSON."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from apps.importer.model import Kind
from apps.importer.results import Outcome, Publishing, Result, Results
from apps.importer.rules.base import RULES

_SHOWN = 5
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STYLES = {
    Outcome.CREATED: "green",
    Outcome.UPDATED: "yellow",
    Outcome.UNCHANGED: "dim",
    Outcome.CONFLICT: "magenta",
    Outcome.FAILED: "red",
    Outcome.SKIPPED: "red",
}


def show(results: Results, console: Console) -> None:
    """The whole report on a terminal."""
    _differences(results, console)
    _problems(results, console)
    _assumptions(results, console)
    console.print(_totals(results))
    console.print(_closing(results))


def save(results: Results, path: Path, *, source: str, url: str) -> None:
    """The whole report as JSON: every item with its outcome, changes, messages and assumptions."""
    path.write_text(json.dumps(as_json(results, source=source, url=url), indent=2, ensure_ascii=False) + "\n",
                    encoding="utf-8")  # fmt: skip


def as_json(results: Results, *, source: str, url: str) -> dict[str, Any]:
    used = {assumption.rule for result in results.items for assumption in result.item.assumptions}
    return {
        "source": source,
        "url": url,
        "dry_run": results.dry_run,
        "totals": {str(kind): dict(counts) for kind, counts in _counts(results).items()},
        "unreadable": [
            {"source": str(failure.source), "name": failure.name, "message": failure.message}
            for failure in results.failures
        ],
        "items": [_item(result) for result in results.items],
        "rules": {code: RULES[code] for code in sorted(used)},
    }


def _item(result: Result) -> dict[str, Any]:
    item = result.item
    return {
        "kind": str(item.kind),
        "name": item.name,
        "external_id": item.external_id,
        "source": str(item.source),
        "id": result.id or None,
        "outcome": str(result.outcome),
        "changes": {field: {"from": old, "to": new} for field, (old, new) in result.changes.items()},
        "messages": result.messages,
        "publishing": str(result.publishing),
        "publishing_message": result.publishing_message,
        "assumptions": [{"rule": a.rule, "text": a.text} for a in item.assumptions],
    }


def _counts(results: Results) -> dict[Kind, Counter[str]]:
    counts: dict[Kind, Counter[str]] = {kind: Counter() for kind in Kind}
    for result in results.items:
        counts[result.item.kind][str(result.outcome)] += 1
        if result.publishing:
            counts[result.item.kind][str(result.publishing)] += 1
    return {kind: counter for kind, counter in counts.items() if counter}


def _totals(results: Results) -> Table:
    counts = _counts(results)
    columns = [
        str(column)
        for column in (*Outcome, *Publishing)
        if column and any(counter[str(column)] for counter in counts.values())
    ]
    table = Table(
        title="Dry run: nothing was written" if results.dry_run else "Imported", title_justify="left"
    )
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right")
    for kind, counter in counts.items():
        table.add_row(str(kind), *(str(counter[column] or "") for column in columns))
    return table


def _differences(results: Results, console: Console) -> None:
    """In a dry run everything that would be written; otherwise what was changed."""
    names = _names(results)
    for result in results.items:
        if result.outcome is Outcome.CREATED and results.dry_run:
            _line(console, f"[green]+ {result.item.kind}[/] {escape(result.item.name)}")
        elif result.changes:
            _line(console, f"[{_STYLES[result.outcome]}]~ {result.item.kind}[/] {escape(result.item.name)}")
            for field, (old, new) in result.changes.items():
                _line(console, escape(f"    {field}: {_change(old, new, names)}"))


def _names(results: Results) -> dict[str, str]:
    """The name of each item that the suite has, by its id there."""
    return {result.id: result.item.name for result in results.items if result.id}


def _change(old: Any, new: Any, names: dict[str, str]) -> str:
    """Of long lists only the members that differ are worth reading."""
    if isinstance(old, list) and isinstance(new, list):
        gone, come = [x for x in old if x not in new], [x for x in new if x not in old]
        return f"{_readable(gone, names)} -> {_readable(come, names)}"
    return f"{_readable(old, names)} -> {_readable(new, names)}"


def _line(console: Console, markup: str, style: str = "") -> None:
    """One line, however long: it can be searched for and cut."""
    console.print(markup, style=style, highlight=False, soft_wrap=True)


def _readable(value: Any, names: dict[str, str]) -> str:
    if isinstance(value, str):
        return names.get(value, repr(value))
    if isinstance(value, list):
        return f"[{', '.join(_readable(member, names) for member in value)}]"
    if isinstance(value, dict):
        members = (f"{key}: {_readable(value[key], names)}" for key in sorted(value))
        return f"{{{', '.join(members)}}}"
    return "nothing" if value is None else str(value)


def _problems(results: Results, console: Console) -> None:
    """What went wrong, with names in the place of ids: the suite's refusals know only these."""
    names = _names(results)
    for failure in results.failures:
        name = f" {escape(repr(failure.name))}" if failure.name else ""
        line = f"[red]unreadable[/] {escape(str(failure.source))}{name}: {escape(failure.message)}"
        _line(console, line)
    for result in results.items:
        if result.messages:
            said = _named("; ".join(result.messages), names)
            _line(console, _problem(result, str(result.outcome), said))
        if result.publishing is Publishing.FAILED:
            _line(console, _problem(result, "not published", _named(result.publishing_message, names)))


def _named(message: str, names: dict[str, str]) -> str:
    return _ID.sub(lambda found: repr(names[found[0]]) if found[0] in names else found[0], message)


def _problem(result: Result, what: str, message: str) -> str:
    item = result.item
    style = _STYLES[result.outcome] if result.messages else "red"
    where = f"{item.kind} {item.name!r} ({item.source})"
    return f"[{style}]{what}[/] {escape(where)}: {escape(message)}"


def _assumptions(results: Results, console: Console) -> None:
    """Each rule that decided something, its statement, and the first items it decided on."""
    by_rule: defaultdict[str, list[str]] = defaultdict(list)
    for result in results.items:
        for assumption in result.item.assumptions:
            by_rule[assumption.rule].append(f"{result.item.kind} {result.item.name!r}: {assumption.text}")
    if by_rule:
        console.print("\nWhat was assumed", style="bold")
    for rule in sorted(by_rule):
        lines = by_rule[rule]
        _line(console, f"[bold]{rule}[/] ({len(lines)}): {escape(RULES[rule])}")
        for line in _first(lines):
            _line(console, f"    {escape(line)}", "dim")


def _first(lines: list[str]) -> Iterable[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"... and {len(lines) - _SHOWN} more; --report FILE.json names them all."


def _closing(results: Results) -> str:
    bad = sum(result.bad for result in results.items) + len(results.failures)
    if bad:
        return f"[red]{bad} of {len(results.items) + len(results.failures)} items need attention.[/]"
    written = {Outcome.CREATED, Outcome.UPDATED}
    if not any(result.outcome in written for result in results.items):
        return "[green]Nothing to do: the suite already has all of it, unchanged.[/]"
    return (
        "[green]Everything would be imported.[/]" if results.dry_run else "[green]Everything was imported.[/]"
    )
