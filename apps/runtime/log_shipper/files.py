"""The log files of a folder as the supervisor keeps them: ``<program>.log``, and ``<program>.log.1`` before it.

A file is known by its inode number, so a renamed one goes on where it was. The system gives the number of a removed
file to the next one; a shorter file, or one that begins otherwise, is a new one.
"""

from __future__ import annotations

import os
import secrets
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

from apps.runtime.log_shipper.positions import Position, Positions

log = structlog.get_logger(__name__)
LONGEST_LINE = 262_144
"""Bytes that are held of a line; of a longer one the rest is passed over."""
HEAD_BYTES = 1024
CURRENT, ROTATED = ".log", ".log.1"


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file as it was seen, ``size`` in bytes."""

    key: str
    path: Path
    size: int


@dataclass(frozen=True, slots=True)
class Line:
    """A whole line of a program: ``data`` without its end and, when ``size`` says more, without the rest.

    ``id`` is the same whenever the line is read. ``ends`` are the offsets that its files have been read up to.
    """

    program: str
    id: str
    data: bytes
    size: int
    ends: tuple[tuple[str, int], ...]


def program_of(name: str) -> str:
    return name.removesuffix(".1").removesuffix(CURRENT)


def seen(folder: Path) -> dict[str, list[LogFile]]:
    """Program -> its files, the older first."""
    found: dict[str, dict[str, LogFile]] = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith((CURRENT, ROTATED)):
            continue
        # The current one first: whatever is rotated meanwhile is then seen twice, and never missed.
        files = found.setdefault(program_of(name), {})
        path = folder / name
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        files[str(status.st_ino)] = LogFile(str(status.st_ino), path, status.st_size)
    return {program: sorted(files.values(), key=_is_current) for program, files in found.items()}


def _is_current(file: LogFile) -> bool:
    return file.path.name.endswith(CURRENT)


class Followed:
    """The log files of ``folder``, and how far each has been read according to ``positions``."""

    def __init__(self, folder: Path, positions: Positions) -> None:
        self._folder = folder
        self._positions = positions
        self._looked_at: dict[str, int] = {}
        self._unfinished: dict[str, int] = {}

    def unread(self) -> dict[str, list[LogFile]]:
        """Look at the folder: program -> its files, where there is something new.

        Says what has gone before it was read. A new file's position is kept before anything of it is sent.
        """
        programs = seen(self._folder)
        tokens = self._tokens()
        for program, files in programs.items():
            programs[program] = [file for file in files if self._has_place(file)]
        for key in tokens.keys() - {file.key for files in programs.values() for file in files}:
            self._forget(key, programs)
        if self._tokens() != tokens:
            self._positions.save()
        return {program: files for program, files in programs.items() if self._has_news(program, files)}

    def lines(self, program: str, files: list[LogFile], *, budget: int) -> Iterator[Line]:
        """Whole lines that have not been read, until ``budget`` bytes are used up, at least one.

        The supervisor may cut a line in two where it begins a new file. An unfinished line stays unread.
        """
        begins, data, size = "", b"", 0
        ends: list[tuple[str, int]] = []
        used = 0
        for file in files:
            position = self._positions.files[file.key]
            at = position.offset
            stream = _opened(file)
            if stream is None:
                return
            with stream:
                stream.seek(at)
                while piece := stream.readline(LONGEST_LINE):
                    begins = begins or f"{position.token}-{at}"
                    at += len(piece)
                    size += len(piece)
                    if len(data) < LONGEST_LINE:
                        data += piece
                    if not piece.endswith(b"\n"):
                        continue
                    yield Line(program, begins, data.rstrip(b"\r\n"), size, (*ends, (file.key, at)))
                    used += size
                    if used >= budget:
                        return
                    begins, data, size, ends = "", b"", 0, []
            ends.append((file.key, at))
        if not used:
            self._unfinished[program] = sum(file.size for file in files)

    def _tokens(self) -> dict[str, str]:
        return {key: position.token for key, position in self._positions.files.items()}

    def _has_news(self, program: str, files: list[LogFile]) -> bool:
        if self._unfinished.get(program) == sum(file.size for file in files):
            return False
        return any(file.size > self._positions.files[file.key].offset for file in files)

    def _has_place(self, file: LogFile) -> bool:
        """Bring the file's position up to date, a new one when it is another file; False: it was renamed just now."""
        position = self._positions.files.get(file.key)
        if position is None or self._looked_at.get(file.key) != file.size:
            head = _head(file)
            if head is None:
                return position is not None
            if position is None or not _begins(position, file, head):
                if position is not None:
                    _say_lost(position, position.size)
                position = Position(file.path.name, secrets.token_hex(8))
                self._positions.files[file.key] = position
            position.head_size, position.head = len(head), zlib.crc32(head)
            self._looked_at[file.key] = file.size
        position.name, position.size = file.path.name, file.size
        return True

    def _forget(self, key: str, programs: dict[str, list[LogFile]]) -> None:
        """A file is gone; one that was current has been rotated twice since, and was as long as those are."""
        gone = self._positions.files.pop(key)
        self._looked_at.pop(key, None)
        rotated = [file.size for file in programs.get(program_of(gone.name), ()) if not _is_current(file)]
        grown = max(rotated, default=0) if gone.name.endswith(CURRENT) else 0
        _say_lost(gone, max(gone.size, grown))


def _begins(position: Position, file: LogFile, head: bytes) -> bool:
    """Whether the file is the one that was there before."""
    return file.size >= position.offset and zlib.crc32(head[: position.head_size]) == position.head


def _head(file: LogFile) -> bytes | None:
    """The file's first bytes."""
    stream = _opened(file)
    if stream is None:
        return None
    with stream:
        return stream.read(HEAD_BYTES)


def _opened(file: LogFile) -> BinaryIO | None:
    """The file that was seen; None when it has been renamed or removed since: the next look says."""
    try:
        stream = file.path.open("rb")
    except FileNotFoundError:
        return None
    if str(os.fstat(stream.fileno()).st_ino) == file.key:
        return stream
    stream.close()
    return None


def _say_lost(gone: Position, size: int) -> None:
    """``size`` is what the file had at least."""
    if size > gone.offset:
        program, count = program_of(gone.name), size - gone.offset
        log.warning("log lines were gone before they were sent", program=program, bytes=count)
