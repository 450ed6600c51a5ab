"""Finding a JDK (>= 17): JAVA_HOME, then PATH, then one fetched by cjdk."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from apps.runtime import paths
from apps.runtime.errors import JavaMissing
from config import env

MINIMUM = 17


def version_of(home: Path) -> int:
    """Major version of the JDK in a folder, from its ``release`` file or by asking it; 0 when it is none."""
    if not (home / "bin" / "javac").exists():
        return 0
    release = home / "release"
    text = release.read_text() if release.exists() else ""
    if "JAVA_VERSION" not in text:
        try:
            asked = subprocess.run(
                [home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=30, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return 0
        text = asked.stderr + asked.stdout
    found = re.search(r'(?:JAVA_VERSION=|version )"(?:1\.)?(\d+)', text)
    return int(found.group(1)) if found else 0


def candidates() -> Iterator[Path]:
    """JDK folders in the order they are preferred."""
    # A JDK of 17 or later, preferred to those that are found.
    home = env.env.str("JAVA_HOME", default="")
    if home:
        yield Path(home)
    # Where `javac` is looked for.
    on_path = shutil.which("javac", path=env.env.str("PATH", default=os.defpath))
    if on_path:
        yield Path(on_path).resolve().parent.parent


def passable(home: Path) -> bool:
    """Whether the unprivileged user, where one is used, can reach the folder."""
    if not paths.as_root():
        return True
    return all(parent.stat().st_mode & 0o001 for parent in [home, *home.resolve().parents] if parent.exists())


@cache
def java_home() -> Path:
    """A JDK's folder. Raises JavaMissing with what was tried."""
    tried = []
    for home in candidates():
        version = version_of(home)
        if version >= MINIMUM and passable(home):
            return home
        tried.append(
            f"{home} (version {version or 'unknown'}{'' if passable(home) else ', closed to other users'})"
        )
    try:
        import cjdk

        folder = paths.SYSTEM_DIR / "jdk" if paths.as_root() else paths.cache_dir() / "jdk"
        # Fetched once. When cjdk's list is a day old it would ask for a new one, which needs the network, and may bring
        # another JDK.
        return Path(
            cjdk.java_home(vendor="temurin", version=str(MINIMUM), cache_dir=folder, index_ttl=2.0**40)
        )
    except Exception as error:  # cjdk's own errors and requests' alike
        looked = f" Found but not usable: {', '.join(tried)}." if tried else ""
        raise JavaMissing(
            f"No JDK >= {MINIMUM} on JAVA_HOME or PATH.{looked} Fetching one failed: {error}. "
            "Install a JDK (a JRE is not enough) and run it again."
        ) from error


def java() -> str:
    """The ``java`` executable."""
    return str(java_home() / "bin" / "java")
