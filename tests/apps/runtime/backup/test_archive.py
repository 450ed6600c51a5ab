"""An archive is whole or it is not there; what is not exactly what was written is refused with its reason."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.runtime.backup import archive, manifest
from apps.runtime.backup.archive import ArchiveRefused
from apps.runtime.backup.manifest import Manifest, Member

DUMPS = {"pricing": b"prices " * 100, "offering": b"offerings " * 100}


def made(path: Path) -> Path:
    with archive.written(path) as file:
        members = {}
        for owner, content in DUMPS.items():
            size, digest = archive.add(file, f"{owner}.dump", [content])
            members[owner] = Member(f"{owner}.dump", size, digest, 18, ("outbox.0001_initial",), "")
        told = Manifest("1", "2026-01-01T00:00:00Z", 12, "key", members)
        archive.add(file, manifest.NAME, [told.as_json().encode()])
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made(tmp_path / "backup.zip")


def read(path: Path) -> tuple[Manifest, dict[str, bytes]]:
    with archive.checked(path, lambda *_: None) as found:
        dumps = {owner: b"".join(found.dump(owner, lambda *_: None)) for owner in found.manifest.databases}
        return found.manifest, dumps


def again(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with other members, as somebody would pack it again."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def told(members: dict[str, bytes], **fields: Any) -> None:
    members[manifest.NAME] = json.dumps({**json.loads(members[manifest.NAME]), **fields}).encode()


def test_what_was_written_is_read(path: Path) -> None:
    found, dumps = read(path)
    assert dumps == DUMPS
    assert found.databases["pricing"].migrations == ("outbox.0001_initial",)
    assert found.databases["pricing"].sha256 == hashlib.sha256(DUMPS["pricing"]).hexdigest()
    assert path.stat().st_mode & 0o077 == 0, "it holds password hashes"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.unlink(), "cannot be read: No such file"),
        (lambda path: path.write_bytes(b"something else"), "is not a backup of this suite"),
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), "is damaged, or its end is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:900]), "is damaged, or its end is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[100:]), "is damaged|is not a backup"),
        (
            lambda path: again(path, lambda m: m.update({"pricing.dump": b"other"})),
            "was changed: pricing.dump",
        ),
        (lambda path: again(path, lambda m: m.pop("pricing.dump")), "other members .*: pricing.dump"),
        (lambda path: again(path, lambda m: m.update(more=b"")), "other members .*: more"),
        (lambda path: again(path, lambda m: m.pop(manifest.NAME)), "it has no manifest"),
        (lambda path: again(path, lambda m: told(m, format="photos")), "it is not a backup of this suite"),
        (lambda path: again(path, lambda m: told(m, format_version=2)), "its format is 2, and this version"),
        (lambda path: again(path, lambda m: told(m, databases={"pricing": {}})), "its manifest is not whole"),
        (lambda path: again(path, lambda m: told(m, more=1)), "its manifest is not whole"),
        (lambda path: again(path, lambda m: m.update({manifest.NAME: b"[1]"})), "it is not a backup"),
        (lambda path: again(path, lambda m: m.update({manifest.NAME: b"\xff"})), "its manifest is not whole"),
    ],
)
def test_what_is_not_whole_is_refused_with_its_reason(path: Path, damage, reason: str) -> None:
    damage(path)
    with pytest.raises(ArchiveRefused, match=reason):
        read(path)


def test_whatever_byte_is_changed_what_is_read_is_what_was_written(path: Path) -> None:
    whole, content = read(path), path.read_bytes()
    refused = 0
    for place in range(0, len(content), 5):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x5A]) + content[place + 1 :])
        try:
            assert read(path) == whole, place
        except ArchiveRefused:
            refused += 1
    assert refused > 400


def test_one_that_is_there_is_not_overwritten(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(ArchiveRefused, match="is there already"):
        made(path)
    assert path.read_bytes() == before


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "backup.zip"
    with pytest.raises(RuntimeError), archive.written(path) as file:
        archive.add(file, "pricing.dump", [b"half"])
        assert not path.exists()
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_backup_left_is_taken_over_and_what_a_running_one_writes_is_not(tmp_path: Path) -> None:
    (tmp_path / "backup.zip.partial").write_bytes(b"left " * 100_000)
    assert read(made(tmp_path / "backup.zip"))[1] == DUMPS
    (tmp_path / "backup.zip").unlink()
    with archive.written(tmp_path / "backup.zip"):
        with pytest.raises(ArchiveRefused, match="Another backup is writing"):
            made(tmp_path / "backup.zip")
        assert (tmp_path / "backup.zip.partial").exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match=r"nowhere/backup.zip.partial cannot be written: No such file"):
        made(tmp_path / "nowhere" / "backup.zip")
