"""The one file of a backup: a ZIP of PostgreSQL's own dumps and a manifest, written whole or not at all.

A ZIP's directory is at its end, so one that was cut off is told at once. The dumps are compressed already.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apps.runtime.backup import manifest
from apps.runtime.backup.manifest import Manifest
from apps.runtime.errors import RuntimeFault

CHUNK = 1 << 20
_DAMAGES = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
"""What reading a member raises when something in the file is not what it was."""
Advance = Callable[[str, int], None]
"""``advance(owner, bytes)``: so much more of a database's dump is done."""


class ArchiveRefused(RuntimeFault):
    """The archive is not one that can be restored here, or not written; nothing was touched."""


@contextmanager
def written(path: Path) -> Iterator[zipfile.ZipFile]:
    """An archive to be filled. It gets its name when it is whole and on the disk; until then it is
    ``<name>.partial``, which an error removes and which the next run after a kill takes over.

    Raises ``ArchiveRefused`` when there is such a file already, or one cannot be made.
    """
    if path.exists():
        raise ArchiveRefused(f"{path} is there already. Choose another name, or remove it.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        descriptor = os.open(partial, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise ArchiveRefused(f"{partial} cannot be written: {error.strerror}.") from error
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ArchiveRefused(f"Another backup is writing {path}.") from error
        try:
            file.truncate()
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
            partial.rename(path)
            _sync_folder(path.parent)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def add(archive: zipfile.ZipFile, name: str, content: Iterable[bytes]) -> tuple[int, str]:
    """Write a member; gives its size in bytes and its SHA-256."""
    size, digest = 0, hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as member:
        for chunk in content:
            member.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup that was found whole."""

    file: zipfile.ZipFile
    manifest: Manifest

    def dump(self, owner: str, advance: Advance) -> Iterator[bytes]:
        """The dump of a database; at its end it was checked again. Raises ``zipfile.BadZipFile``."""
        with self.file.open(self.manifest.databases[owner].name) as member:
            while chunk := member.read(CHUNK):
                advance(owner, len(chunk))
                yield chunk


@contextmanager
def checked(path: Path, advance: Advance) -> Iterator[Archive]:
    """An archive whose every member is what its manifest says. Raises ``ArchiveRefused``, which says what is wrong."""
    with _opened(path) as file:
        try:
            told = manifest.parsed(file.read(manifest.NAME))
            _check_names(file, told)
            for owner in told.databases:
                _check(file, owner, told, advance)
        except manifest.Unreadable as error:
            raise ArchiveRefused(f"{path} cannot be restored: {error}.") from error
        except KeyError as error:
            raise ArchiveRefused(f"{path} is not a backup of this suite: it has no manifest.") from error
        except ArchiveRefused:
            raise
        except _DAMAGES as error:
            raise ArchiveRefused(f"{path} is damaged: {error}.") from error
        yield Archive(file, told)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        file = zipfile.ZipFile(path)
    except OSError as error:
        raise ArchiveRefused(f"{path} cannot be read: {error.strerror}.") from error
    except (zipfile.BadZipFile, NotImplementedError) as error:
        with path.open("rb") as bytes_:
            begins_right = bytes_.read(4) == b"PK\x03\x04"
        what = "is damaged, or its end is missing" if begins_right else "is not a backup of this suite"
        raise ArchiveRefused(f"{path} {what}.") from error
    with file:
        yield file


def _check_names(file: zipfile.ZipFile, told: Manifest) -> None:
    expected = {manifest.NAME, *(member.name for member in told.databases.values())}
    names = file.namelist()
    if set(names) != expected or len(names) != len(expected):
        differing = ", ".join(sorted(set(names) ^ expected)) or "one of them twice"
        raise ArchiveRefused(f"{file.filename} has other members than its manifest says: {differing}.")


def _check(file: zipfile.ZipFile, owner: str, told: Manifest, advance: Advance) -> None:
    size, digest = 0, hashlib.sha256()
    for chunk in Archive(file, told).dump(owner, advance):
        digest.update(chunk)
        size += len(chunk)
    member = told.databases[owner]
    if (size, digest.hexdigest()) != (member.size, member.sha256):
        raise ArchiveRefused(f"{file.filename} was changed: {member.name} is not what its manifest says.")
