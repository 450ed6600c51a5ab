"""Ids that are gone through more than once: on disk, so that a catalog of any size takes the same memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import batched
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self


class Ids:
    """In the order they were added; gone when the block ends."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> Self:
        self._file = TemporaryFile("w+", encoding="utf-8", newline="\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, ids: Iterable[str]) -> None:
        for id in ids:
            self._file.write(f"{id}\n")
            self.count += 1

    def pages(self, size: int) -> Iterator[list[str]]:
        """All of them, up to ``size`` at a time."""
        self._file.seek(0)
        for lines in batched(self._file, size):
            yield [line.rstrip("\n") for line in lines]
