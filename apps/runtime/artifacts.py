"""The Java engines' files: read from ``config/infra/engines.lock``, fetched once, checked, kept in the cache.

A file enters the cache only under the name of its checksum and only after it was checked, by a
rename, so nothing half-made is ever seen there. An engine's folder appears the same way.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from apps.runtime import paths
from apps.runtime.errors import ChecksumMismatch, DownloadFailed
from config import env

LOCK = env.BASE_DIR / "config" / "infra" / "engines.lock"
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Artifact:
    """One locked file. ``coordinates`` are ``group:artifact:version:packaging:classifier``."""

    engine: str
    coordinates: str
    size: int
    sha256: str

    @property
    def version(self) -> str:
        return self.coordinates.split(":")[2]

    @property
    def file_name(self) -> str:
        _, artifact, version, packaging, classifier = self.coordinates.split(":")
        return f"{artifact}-{version}{'-' + classifier if classifier else ''}.{packaging}"

    @property
    def cached(self) -> Path:
        return paths.cache_dir() / "files" / f"{self.sha256[:16]}-{self.file_name}"


def locked(engine: str, lock: Path = LOCK) -> list[Artifact]:
    """The files of an engine, in the lock's order."""
    rows = (line.split() for line in lock.read_text().splitlines() if line and not line.startswith("#"))
    return [Artifact(row[0], row[1], int(row[2]), row[3]) for row in rows if row[0] == engine]


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def resolve(artifact: Artifact, folder: Path, advance: Callable[[int], None]) -> Path:
    """Fetch one artifact into ``folder`` through jgo; ``advance`` is told of every received piece."""
    from jgo.maven import MavenContext, PythonResolver

    @contextlib.contextmanager
    def progress(_name: str, _total: int) -> Iterator[Callable[[int], None]]:
        yield advance

    context = MavenContext(
        resolver=PythonResolver(progress_callback=progress), repo_cache=folder, local_repos=[], timeout=60
    )
    group, name, version, packaging, classifier = artifact.coordinates.split(":")
    found = (
        context.project(group, name).at_version(version).artifact(classifier=classifier, packaging=packaging)
    )
    return Path(found.resolve())


Fetcher = Callable[[Artifact, Path, Callable[[int], None]], Path]


def fetch(artifact: Artifact, advance: Callable[[int], None], *, fetcher: Fetcher = resolve) -> Path:
    """The cached file of an artifact, fetched and checked when it is not there yet.

    Raises DownloadFailed or ChecksumMismatch; neither leaves anything in the cache.
    """
    target = artifact.cached
    if target.exists():
        advance(artifact.size)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    problem: Exception | None = None
    for _ in range(ATTEMPTS):
        received = 0

        def count(amount: int) -> None:
            nonlocal received
            received += amount
            advance(amount)

        with tempfile.TemporaryDirectory(dir=target.parent, prefix="partial-") as folder:
            try:
                path = fetcher(artifact, Path(folder), count)
            except Exception as error:  # jgo raises RuntimeError, requests' errors and OSError alike
                problem = error
                advance(-received)
                continue
            found = sha256(path)
            if found != artifact.sha256:
                raise ChecksumMismatch(
                    f"{artifact.file_name} is not the file that engines.lock names: its sha256 is {found}, "
                    f"expected {artifact.sha256}. Nothing was kept. If the version was changed on purpose, "
                    "run config/infra/lock_engines.py."
                )
            path.replace(target)
            return target
    raise DownloadFailed(
        f"{artifact.file_name} could not be fetched: {problem}. Check the connection to your Maven repository "
        "and run it again; what was fetched already is kept."
    )


def missing(engines: list[str]) -> list[Artifact]:
    """What still has to be fetched for these engines."""
    return [a for e in engines for a in locked(e) if not engine_dir(e).exists() and not a.cached.exists()]


def fetch_all(engines: list[str], advance: Callable[[int], None] = lambda _: None) -> None:
    """Fetch what is missing, eight files at a time."""
    wanted = missing(engines)
    if not wanted:
        return
    needed = sum(a.size for a in wanted) * 2 // 1_000_000 + 200
    paths.require_space(paths.cache_dir(), megabytes=needed, purpose="Fetching the engines")
    largest_first = sorted(wanted, key=lambda a: -a.size)
    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(fetch, a, advance) for a in largest_first]:
            try:
                future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise


def engine_dir(engine: str) -> Path:
    """Where an engine stands ready; its name says what it is made of."""
    files = locked(engine)
    digest = hashlib.sha256("".join(a.sha256 for a in files).encode()).hexdigest()[:12]
    return paths.engines_dir() / f"{engine}-{digest}"


def assemble(engine: str) -> Path:
    """Build an engine's folder from its cached files: jars linked into it, a zip unpacked. Atomic."""
    target = engine_dir(engine)
    if target.exists():
        return target
    with building(target) as partial:
        for artifact in locked(engine):
            if artifact.file_name.endswith(".zip"):
                unpack(artifact.cached, partial)
            else:
                place(artifact.cached, partial / artifact.file_name)
    return target


@contextlib.contextmanager
def building(target: Path) -> Iterator[Path]:
    """A folder to build in, renamed to ``target`` when the block ends well and removed when it does not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=target.parent, prefix="partial-"))
    try:
        yield partial
        partial.chmod(0o755)
        try:
            partial.rename(target)
        except OSError:
            if not target.exists():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def place(source: Path, target: Path) -> None:
    """Hard link where the file system allows it, else copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def unpack(archive: Path, folder: Path) -> None:
    """Unzip without the archive's one top folder, keeping execute bits (which zipfile drops)."""
    with zipfile.ZipFile(archive) as content:
        for item in content.infolist():
            inner = item.filename.split("/", 1)[-1]
            target = (folder / inner).resolve()
            if not inner or not target.is_relative_to(folder.resolve()):
                continue
            if item.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with content.open(item) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)
            target.chmod(0o755 if item.external_attr >> 16 & 0o111 else 0o644)
