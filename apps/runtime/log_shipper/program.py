"""The log shipper as the suite starts it, and how far it is."""

from __future__ import annotations

import sys

from apps.runtime import paths, supervision
from apps.runtime.log_shipper import NAME, settings
from apps.runtime.log_shipper.files import seen
from apps.runtime.log_shipper.positions import Positions, positions_file
from apps.runtime.program import ONLY_WATCHES, Program
from config import env


def programs() -> list[Program]:
    """The log shipper; nothing where it is switched off."""
    return [program()] if settings.is_on() else []


def program() -> Program:
    return Program(
        name=NAME,
        command=(sys.executable, "-m", "apps.runtime.log_shipper"),
        directory=env.BASE_DIR,
        # One that is in memory once, and keeps little: glibc need not have an arena for each processor.
        environment={"MALLOC_ARENA_MAX": "1"},
        needs=("elasticsearch",),
        # It serves nobody, and waits by itself for whatever it needs.
        ready=lambda: supervision.states()[NAME]["statename"] == "RUNNING",
        grace=5,
        niceness=ONLY_WATCHES,
    )


def behind() -> tuple[int, str]:
    """How many bytes of the log files are not in Elasticsearch yet, and why it waits: empty while it does not."""
    positions = Positions.load(positions_file())
    waiting = 0
    for file in (file for files in seen(paths.log_dir()).values() for file in files):
        position = positions.files.get(file.key)
        waiting += max(file.size - position.offset, 0) if position else file.size
    return waiting, positions.waits
