"""An instance beside the one that the tests use: it starts some parts of its own, all others are that one's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from apps.runtime import credentials, processes
from config import env
from config.parts import PARTS


def free_offset(*names: str) -> int:
    """An offset at which the ports of these parts are free."""
    for offset in range(3000 + os.getpid() % 1000, 9000, 17):
        if all(processes.port_is_free(PARTS[name].port + offset) for name in names):
            return offset
    raise AssertionError("no free ports")


def beside(folder: Path, *started: str) -> dict[str, str]:
    """The environment of a new instance below ``folder`` that starts the parts ``started`` only."""
    elsewhere = {part.variable: env.part_url(name) for name, part in PARTS.items() if name not in started}
    environment = {
        **credentials.without_secrets(),
        **elsewhere,
        "RUN_DIR": str(folder),
        "PORT_OFFSET": str(free_offset(*started)),
        "COLUMNS": "200",
    }
    for name in started:
        environment.pop(PARTS[name].variable, None)
    return environment


def manage(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """``manage.py`` with its arguments, for the instance of that environment."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=env.BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
