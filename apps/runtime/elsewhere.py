"""A command run again on an instance of its own, at PORT_OFFSET + 10000: tests, benchmarks and the chaos harness
never meet the data of the suite that a person uses, and what they leave is erased."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from apps.runtime import credentials
from config import env

OFFSET = 10_000


def is_here() -> bool:
    """Whether this process is switched to the instance of its own already."""
    return env.port_offset() >= OFFSET


def run(arguments: Sequence[str], **environment: str) -> int:
    """``manage.py <arguments>`` in a process that reads the other instance's settings from its start; its exit code."""
    settings = {
        **credentials.without_secrets(),
        "PORT_OFFSET": str(env.port_offset() + OFFSET),
        **environment,
    }
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=env.BASE_DIR, env=settings, check=False).returncode
