"""Taking a backup: one moment of all databases, then each one's dump of it, while everything goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from apps.core import clock
from apps.runtime.backup import archive, databases, manifest, programs
from apps.runtime.backup.archive import Advance, ArchiveRefused
from apps.runtime.backup.manifest import Manifest, Member
from apps.runtime.backup.moment import Moment, moment


def back_up(path: Path, *, patience: float, advance: Advance) -> tuple[Manifest, Moment]:
    """Write the archive ``path``; gives what is in it and the moment that it is of.

    Raises ``ArchiveRefused``, ``NoMoment``, ``ProgramTooOld`` and ``ProgramFailed``; then there is no archive.
    """
    urls = databases.urls()
    try:
        with archive.written(path) as file, moment(urls, patience=patience) as now:
            programs.require_as_new(
                {url: databases.server(now.sessions[owner]) for owner, url in urls.items()}
            )
            members = {}
            for owner, url in urls.items():
                name = f"{owner}.dump"
                dump = _told(programs.dump(url, now.snapshots[owner]), owner, advance)
                size, digest = archive.add(file, name, dump)
                session = now.sessions[owner]
                members[owner] = Member(
                    name=name,
                    size=size,
                    sha256=digest,
                    server=databases.server(session),
                    migrations=databases.migrations(session),
                    engine=databases.engine(session),
                )
            told = Manifest(
                suite=manifest.suite_version(),
                taken_at=clock.iso(now.at) or "",
                held_ms=round(now.held * 1000),
                secret_key=manifest.secret_key_digest(),
                databases=members,
            )
            archive.add(file, manifest.NAME, [told.as_json().encode()])
    except OSError as error:
        raise ArchiveRefused(f"{path} could not be written: {error.strerror}. There is none.") from error
    return told, now


def _told(chunks: Iterator[bytes], owner: str, advance: Advance) -> Iterator[bytes]:
    for chunk in chunks:
        advance(owner, len(chunk))
        yield chunk
