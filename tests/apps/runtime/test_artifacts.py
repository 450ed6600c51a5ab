"""Only what the lock names enters the cache, and nothing half-made ever does."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from apps.runtime import artifacts, paths
from apps.runtime.artifacts import Artifact
from apps.runtime.errors import ChecksumMismatch, DiskFull, DownloadFailed
from config.parts import PROCESS_ENGINES

CONTENT = b"what the lock names"
JAR = Artifact("toy", "org.example:toy:1.0:jar:", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(paths, "SYSTEM_DIR", tmp_path / "system")
    return tmp_path / "cache" / "catalog-suite"


def serving(content: bytes, calls: list[int] | None = None) -> artifacts.Fetcher:
    def fetch(artifact: Artifact, folder: Path, advance: Callable[[int], None]) -> Path:
        if calls is not None:
            calls.append(1)
        path = folder / artifact.file_name
        path.write_bytes(content)
        advance(len(content))
        return path

    return fetch


def files(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.is_file()]


def test_a_fetched_file_is_kept_under_its_checksum_and_not_fetched_again() -> None:
    calls: list[int] = []
    first = artifacts.fetch(JAR, lambda _: None, fetcher=serving(CONTENT, calls))
    assert first.read_bytes() == CONTENT
    assert artifacts.fetch(JAR, lambda _: None, fetcher=serving(CONTENT, calls)) == first
    assert calls == [1]


def test_a_file_with_another_checksum_is_refused_and_not_kept(cache: Path) -> None:
    with pytest.raises(ChecksumMismatch, match=r"toy-1\.0\.jar is not the file that engines\.lock names"):
        artifacts.fetch(JAR, lambda _: None, fetcher=serving(b"something else"))
    assert files(cache) == []


def test_a_download_that_breaks_off_is_tried_again_and_leaves_nothing(cache: Path) -> None:
    attempts = []

    def broken(artifact: Artifact, folder: Path, advance: Callable[[int], None]) -> Path:
        attempts.append(1)
        (folder / "half").write_bytes(b"ha")
        advance(2)
        raise ConnectionError("reset by peer")

    progress: list[int] = []
    with pytest.raises(DownloadFailed, match=r"toy-1\.0\.jar could not be fetched: reset by peer"):
        artifacts.fetch(JAR, progress.append, fetcher=broken)
    assert len(attempts) == artifacts.ATTEMPTS
    assert sum(progress) == 0
    assert files(cache) == []


def test_an_unreachable_repository_is_a_failed_download_with_real_clients(monkeypatch, cache: Path) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(artifacts, "ATTEMPTS", 1)
    with pytest.raises(DownloadFailed, match="Check the connection"):
        artifacts.fetch(JAR, lambda _: None)
    assert files(cache) == []


def test_too_little_space_for_the_downloads_is_said_before_the_first(monkeypatch, tmp_path: Path) -> None:
    lock = tmp_path / "engines.lock"
    lock.write_text(f"toy org.example:toy:1.0:jar: {10**15} {JAR.sha256}\n")
    monkeypatch.setattr(artifacts, "LOCK", lock)
    monkeypatch.setattr(
        artifacts, "locked", lambda engine: [Artifact("toy", JAR.coordinates, 10**15, JAR.sha256)]
    )
    with pytest.raises(DiskFull, match="Fetching the engines needs"):
        artifacts.fetch_all(["toy"])


def test_an_engines_folder_appears_whole_or_not_at_all(cache: Path) -> None:
    target = cache / "engine"
    with pytest.raises(RuntimeError, match="half way"), artifacts.building(target) as partial:
        (partial / "one").touch()
        raise RuntimeError("half way")
    assert files(cache) == []
    with artifacts.building(target) as partial:
        (partial / "one").touch()
        assert not target.exists()
    assert files(target) == ["one"]


def test_a_folder_that_another_run_built_meanwhile_is_taken(cache: Path) -> None:
    target = cache / "engine"
    with artifacts.building(target) as partial:
        (partial / "mine").touch()
        target.mkdir()
        (target / "theirs").touch()
    assert files(target) == ["theirs"]


def test_a_zip_is_unpacked_without_its_top_folder_and_with_its_execute_bits(tmp_path: Path) -> None:
    archive = tmp_path / "engine.zip"
    with zipfile.ZipFile(archive, "w") as content:
        program = zipfile.ZipInfo("engine-1.0/bin/run")
        program.external_attr = (stat.S_IFREG | 0o755) << 16
        content.writestr(program, "#!/bin/sh\n")
        content.writestr("engine-1.0/lib/data", "x")
    artifacts.unpack(archive, tmp_path / "out")
    assert (tmp_path / "out" / "bin" / "run").stat().st_mode & 0o111
    assert not (tmp_path / "out" / "lib" / "data").stat().st_mode & 0o111


def test_a_zip_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("engine-1.0/../../escaped", "x")
    artifacts.unpack(archive, tmp_path / "out")
    assert not (tmp_path / "escaped").exists()


def test_the_lock_names_every_engine_with_sizes_and_checksums_and_no_address() -> None:
    for engine in (*PROCESS_ENGINES, "elasticsearch", "zipkin"):
        rows = artifacts.locked(engine)
        assert rows
        assert all(row.size > 0 and len(row.sha256) == 64 for row in rows)
        assert len({row.file_name for row in rows}) == len(rows)
    assert "://" not in artifacts.LOCK.read_text()
