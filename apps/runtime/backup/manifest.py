"""What a backup says of itself: what it is, of when, and what each of its members must be."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass
from typing import Any

from config import env

FORMAT, FORMAT_VERSION = "catalog-suite-backup", 1
NAME = "manifest.json"


class Unreadable(ValueError):
    """This is no manifest that this version can read; the text says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """The dump of one database, and the state of its schema.

    ``server`` is PostgreSQL's major version. ``migrations`` are ``app.name``; the engine's database has none, but a
    version of its tables in ``engine``.
    """

    name: str
    size: int
    sha256: str
    server: int
    migrations: tuple[str, ...]
    engine: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``taken_at`` is the moment (ISO 8601, UTC), ``held_ms`` how long writes were held for it. ``secret_key`` tells
    one DJANGO_SECRET_KEY from another without telling it."""

    suite: str
    taken_at: str
    held_ms: int
    secret_key: str
    databases: dict[str, Member]

    def as_json(self) -> str:
        return json.dumps({"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(self)}, indent=1)


def parsed(text: bytes) -> Manifest:
    """Raises ``Unreadable``."""
    try:
        told = json.loads(text)
        if not isinstance(told, dict) or told.pop("format", None) != FORMAT:
            raise Unreadable("it is not a backup of this suite")
        if (version := told.pop("format_version")) != FORMAT_VERSION:
            raise Unreadable(f"its format is {version}, and this version of the suite reads {FORMAT_VERSION}")
        members = {owner: _member(said) for owner, said in told.pop("databases").items()}
        return Manifest(**told, databases=members)
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Unreadable(f"its manifest is not whole ({type(error).__name__})") from error


def _member(said: dict[str, Any]) -> Member:
    return Member(**{**said, "migrations": tuple(said["migrations"])})


def suite_version() -> str:
    project = tomllib.loads((env.BASE_DIR / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def secret_key_digest() -> str:
    """Of the key that identity's signing keys are encrypted with."""
    return hashlib.sha256(b"backup:" + env.secret("DJANGO_SECRET_KEY").encode()).hexdigest()[:16]
