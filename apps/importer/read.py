"""Files to records: JSON in any mix of one record a file and arrays of records.

Nothing here knows what a record means; what cannot be read becomes a ``Failure`` and the rest goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from apps.importer.model import Failure, Kind, Record, Source

MAX_FILE_BYTES = 64 * 1024 * 1024

TYPES = {
    "Catalog": Kind.CATALOG,
    "ProductCatalog": Kind.CATALOG,
    "Category": Kind.CATEGORY,
    "ProductSpecification": Kind.SPECIFICATION,
    "ProductOffering": Kind.OFFERING,
    "ProductOfferingPrice": Kind.PRICE,
}


@dataclass(slots=True)
class Input:
    """What was found: records in the order of their files, and what could not be read."""

    files: int = 0
    records: list[Record] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


class UnreadableError(Exception):
    """The path does not exist or holds no JSON file."""


def read(path: Path) -> Input:
    """Read one file, or every ``*.json`` below a folder in the order of their names.

    Raises ``UnreadableError`` when there is nothing to read at all.
    """
    found = Input()
    for file, name in _files(path):
        found.files += 1
        try:
            parsed = _parse(file)
        except (ValueError, OSError, RecursionError) as error:
            found.failures.append(Failure(Source(name), f"The file cannot be read as JSON: {_why(error)}"))
            continue
        for source, data in _members(name, parsed):
            _take(found, source, data)
    return found


def _files(path: Path) -> list[tuple[Path, str]]:
    if path.is_file():
        return [(path, path.name)]
    if not path.is_dir():
        raise UnreadableError(f"There is no file and no folder {path}.")
    files = sorted(
        file
        for file in path.rglob("*.json")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    if not files:
        raise UnreadableError(f"The folder {path} holds no .json file.")
    return [(file, file.relative_to(path).as_posix()) for file in files]


def _parse(file: Path) -> Any:
    if file.stat().st_size > MAX_FILE_BYTES:
        raise ValueError(f"it is larger than {MAX_FILE_BYTES // 1024 // 1024} MiB")
    # Amounts of money never pass through a float; a byte order mark is harmless.
    return json.loads(file.read_bytes().decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 (byte {error.start})"
    return str(error)


def _members(name: str, parsed: Any) -> Iterator[tuple[Source, Any]]:
    if isinstance(parsed, list):
        for index, data in enumerate(parsed):
            yield Source(name, index), data
    else:
        yield Source(name), parsed


def _take(found: Input, source: Source, data: Any) -> None:
    """Put one member of a file where it belongs: among the records or among the failures."""
    if not isinstance(data, dict):
        found.failures.append(Failure(source, f"A record must be a JSON object, this is {_json_type(data)}."))
        return
    shown = data.get("name")
    name = shown if isinstance(shown, str) else ""
    bad = _unusable_text(data)
    if bad:
        found.failures.append(Failure(source, bad, name=_printable(name)))
        return
    kind = TYPES.get(str(data.get("@type"))) or TYPES.get(str(data.get("@baseType")))
    if kind is None:
        given = data.get("@type")
        message = f"The @type {given!r} is not one to import." if given else "The record has no @type."
        found.failures.append(Failure(source, f"{message} Known are: {', '.join(TYPES)}.", name=name))
        return
    found.records.append(Record(kind, data, source))


def _json_type(data: Any) -> str:
    if data is None:
        return "null"
    names = {str: "a string", bool: "a boolean", list: "an array"}
    return names.get(type(data), "a number")


def _unusable_text(value: Any, where: str = "") -> str:
    """Why a text anywhere in ``value`` cannot be stored by any database; empty when all can."""
    if isinstance(value, str):
        if "\x00" in value:
            return f"{where or 'A value'} contains a NUL character."
        if any("\ud800" <= character <= "\udfff" for character in value):
            return f"{where or 'A value'} contains half a surrogate pair, which is no Unicode text."
    elif isinstance(value, dict):
        for key, member in value.items():
            shown = _printable(key)
            bad = _unusable_text(key, f"The key {shown!r}") or _unusable_text(member, shown)
            if bad:
                return bad
    elif isinstance(value, list):
        for member in value:
            bad = _unusable_text(member, where)
            if bad:
                return bad
    return ""


def _printable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\0")
