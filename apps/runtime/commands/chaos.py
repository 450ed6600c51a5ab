"""``manage.py chaos``."""

from __future__ import annotations

import argparse
import subprocess
import sys

from apps.runtime.commands._shared import guarded, require_the_tests
from config import env

HELP = "kill, cut and flush everything under load, on an instance of its own, and check that nothing is lost"
EXIT_CODES = {0: "every invariant held", 1: "one did not, and is named"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--copies",
        action="store_true",
        help="with two copies of each web process, three workers per queue and two relays",
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the instance running, for the next run or a look"
    )
    parser.add_argument(
        "more",
        nargs=argparse.REMAINDER,
        help="after --: --rounds 8, --seed N (the same faults again), --only FAULT, --list (the faults), --report FILE",
    )


COPIES = {"WEB_COPIES": "2", "WORKER_COPIES": "3", "RELAY_COPIES": "2"}


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code 0 when every invariant held."""
    from apps.runtime import bringup, elsewhere, supervision

    require_the_tests()
    if not elsewhere.is_here():
        flags = [f"--{name}" for name in ("copies", "keep") if getattr(options, name)]
        copies = COPIES if options.copies else {}
        return elsewhere.run(
            ["chaos", *flags, *options.more], CATALOG_ENV="test", OTEL_SDK_DISABLED="false", **copies
        )
    if not supervision.running():
        bringup.erase_data()  # what a broken run left
    try:
        bringup.up(table=False)
        rounds = [argument for argument in options.more if argument != "--"]
        command = [sys.executable, "-m", "tests.chaos", *rounds]
        return subprocess.run(command, cwd=env.BASE_DIR, check=False).returncode
    finally:
        if not options.keep:
            bringup.down(erase=True)
