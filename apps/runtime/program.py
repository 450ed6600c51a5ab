"""What the suite starts, described in one form: parts and services alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from apps.runtime import paths

# On a machine that is overloaded the stores, the broker and the engine go first: everybody waits for them.
BEHIND_THE_PARTS, ONLY_WATCHES = 5, 10


def nothing() -> None:
    """For a program that needs no preparation."""


@dataclass(frozen=True, slots=True)
class Program:
    """One supervised process.

    ``prepare`` makes its data and files before it starts; ``ready`` answers whether it really serves
    (any exception means not yet). ``grace`` is how many seconds it may take to stop, ``patience`` to become ready.
    ``niceness`` is how far it stands back when there is more to do than processors to do it.
    """

    name: str
    command: tuple[str, ...]
    directory: Path
    ready: Callable[[], bool]
    port: int | None = None
    url: str = ""
    version: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    user: str | None = None
    needs: tuple[str, ...] = ()
    prepare: Callable[[], None] = nothing
    stop_signal: str = "TERM"
    grace: int = 20
    patience: int = 300
    niceness: int = 0

    @property
    def log(self) -> Path:
        return paths.log_dir() / f"{self.name}.log"


@dataclass(frozen=True, slots=True)
class Job:
    """A step done once per start, like a migration; programs can need it by its name."""

    name: str
    run: Callable[[], object]
    needs: tuple[str, ...] = ()
