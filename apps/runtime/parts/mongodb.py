"""The MongoDB stand-in: secantusdb, its own process in its own environment with its own lock.

It is GPL-2: it is started like any other server and never imported.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from apps.runtime import artifacts, paths
from apps.runtime.errors import DownloadFailed
from apps.runtime.program import Program
from config import env

LOCK = env.BASE_DIR / "requirements" / "secantusdb.lock"


def home() -> Path:
    """Its virtual environment; the name says which lock and which Python it was made from."""
    digest = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    return paths.cache_dir() / "engines" / f"secantusdb-{digest}"


def install() -> None:
    """Make the virtual environment from the lock (hashes checked) when it is not there yet."""
    target = home()
    if target.exists():
        return
    paths.require_space(paths.cache_dir(), megabytes=400, purpose="Installing the MongoDB stand-in")
    with artifacts.building(target) as partial:
        # Made by uv, and run by module rather than by its scripts: it may be renamed into place.
        steps = (
            ["venv", "--quiet", "--allow-existing", "--python", sys.executable, str(partial)],
            [
                "pip",
                "install",
                "--quiet",
                "--system-certs",
                "--python",
                str(partial),
                "--require-hashes",
                "-r",
                str(LOCK),
            ],
        )
        for step in steps:
            done = subprocess.run(
                [sys.executable, "-m", "uv", *step], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise DownloadFailed(f"The MongoDB stand-in could not be installed: {done.stderr.strip()}")


def settings_file() -> Path:
    return paths.part_dir("mongodb") / "secantusdb.toml"


def prepare() -> None:
    paths.make_private(paths.part_dir("mongodb"))
    # A file of our own keeps it from picking up one of the person's.
    settings_file().write_text("")


def ready() -> bool:
    client: MongoClient[Any] = MongoClient(env.part_url("mongodb"), serverSelectionTimeoutMS=3000)
    with client:
        return bool(client.admin.command("hello")["isWritablePrimary"])


def version() -> str:
    found = re.search(r"^secantusdb==(\S+)", LOCK.read_text(), re.MULTILINE)
    return f"secantusdb {found.group(1)}" if found else "secantusdb"


def program() -> Program:
    port = env.part_port("mongodb")
    folder = paths.part_dir("mongodb")
    options = {
        "--config": str(settings_file()),
        "--host": "127.0.0.1",
        "--port": str(port),
        "--storage-path": str(folder / "data"),
        "--cache-size": "96M",
        "--log-level": "WARNING",
        # Where it prunes its oplog it answers nothing for tens of seconds: not before a day or a million writes.
        "--oplog-retention-seconds": "86400",
        "--oplog-max-entries": "1000000",
    }
    start = "import sys; from secantus.cli import main; sys.exit(main())"
    return Program(
        name="mongodb",
        command=(str(home() / "bin" / "python"), "-c", start, *(x for pair in options.items() for x in pair)),
        directory=folder,
        port=port,
        url=f"mongodb://127.0.0.1:{port}/",
        version=version(),
        ready=ready,
        prepare=prepare,
        patience=60,
    )
