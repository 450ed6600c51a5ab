"""How far each log file has been sent: a small file that is replaced whole, and only after the lines are taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import orjson

from config import env


@dataclass(slots=True)
class Position:
    """One file: ``offset`` of its ``size`` bytes are sent.

    ``name`` is what it was called when it was last seen, ``token`` names it in the ids of documents. ``head`` is the
    checksum of its first ``head_size`` bytes, by which another file in the same place is known to be another.
    """

    name: str
    token: str
    offset: int = 0
    size: int = 0
    head_size: int = 0
    head: int = 0


@dataclass(slots=True)
class Positions:
    """All files, by their inode numbers. ``waits`` says why nothing is sent at present; empty while all goes well."""

    path: Path
    files: dict[str, Position] = field(default_factory=dict)
    waits: str = ""

    @classmethod
    def load(cls, path: Path) -> Self:
        """As they were kept; none when there is no such file, or nothing that could be read."""
        try:
            kept = orjson.loads(path.read_bytes())
            return cls(path, {key: Position(**one) for key, one in kept["files"].items()}, kept["waits"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return cls(path)

    def save(self) -> None:
        partial = self.path.with_suffix(".partial")
        partial.write_bytes(orjson.dumps({"files": self.files, "waits": self.waits}))
        partial.replace(self.path)


def positions_file() -> Path:
    return env.state_dir() / "log-shipper.json"
