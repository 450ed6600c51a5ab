"""Where things are kept, and as whom the engines run that refuse to be root."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
from pathlib import Path

from apps.runtime.errors import DiskFull
from config import env

# As root, PostgreSQL and Elasticsearch run as this user, with their files below SYSTEM_DIR:
# a checkout or a home folder of root is usually closed to anyone else.
UNPRIVILEGED = "nobody"
SYSTEM_DIR = Path("/var/lib/catalog-suite")
# In the environment of every process we start: how a left-over one is recognised.
MARK = "CATALOG_STATE_DIR"


def as_root() -> bool:
    return os.geteuid() == 0


def unprivileged_user() -> str | None:
    """The user for engines that refuse root; None when we are not root anyway."""
    return UNPRIVILEGED if as_root() else None


def cache_dir() -> Path:
    """Downloads, shared by every checkout of this user."""
    base = env.env.str("XDG_CACHE_HOME", default="") or str(Path.home() / ".cache")
    return Path(base) / "catalog-suite"


def engines_dir() -> Path:
    """Unpacked engines: the cache, or where the unprivileged user can reach."""
    return SYSTEM_DIR / "engines" if as_root() else cache_dir() / "engines"


def log_dir() -> Path:
    return env.state_dir() / "logs"


def part_dir(name: str) -> Path:
    """Data of a part that runs as ourselves."""
    return env.state_dir() / "data" / name


def shielded_dir(name: str) -> Path:
    """Data of a part that refuses root: as root below SYSTEM_DIR, one folder per state folder."""
    if not as_root():
        return part_dir(name)
    state = env.state_dir()
    return SYSTEM_DIR / hashlib.sha256(str(state.parent).encode()).hexdigest()[:12] / state.name / name


def data_roots() -> list[Path]:
    """Every folder that holds data of this instance; a process that names one on its command line is ours."""
    return [env.state_dir(), shielded_dir("x").parent]


def make_private(path: Path, *, owner: str | None = None) -> Path:
    """Create a folder only its owner can read (``owner`` None: ourselves); parents stay passable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    if owner is not None:
        entry = pwd.getpwnam(owner)
        os.chown(path, entry.pw_uid, entry.pw_gid)
    return path


def give_to(path: Path, owner: str | None) -> None:
    """Hand a folder and all in it to ``owner`` (None: leave it)."""
    if owner is None:
        return
    entry = pwd.getpwnam(owner)
    for item in [path, *path.rglob("*")]:
        os.chown(item, entry.pw_uid, entry.pw_gid, follow_symlinks=False)


def require_space(path: Path, *, megabytes: int, purpose: str) -> None:
    """Raise DiskFull unless the file system of ``path`` has ``megabytes`` free."""
    existing = path
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free // 1_000_000
    if free < megabytes:
        raise DiskFull(
            f"{purpose} needs {megabytes} MB free at {existing}; there are {free} MB. Make room and run it again."
        )
