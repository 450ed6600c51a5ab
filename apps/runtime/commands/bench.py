"""``manage.py bench``."""

from __future__ import annotations

import argparse
import subprocess
import sys

from apps.runtime.commands._shared import guarded, require_the_tests
from config import env

HELP = "measure the suite on an instance of its own: goals, figures, and the raw baselines of the same run"
EXIT_CODES = {0: "everything was measured, whatever the figures say"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("only", nargs="*", help="names of benchmarks (see --list); all when none is given")
    parser.add_argument("--list", action="store_true", help="only say which benchmarks there are")
    parser.add_argument(
        "--keep", action="store_true", help="leave the instance running, for the next run or a look"
    )


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code 0 when everything was measured, whatever the figures say."""
    from apps.runtime import bringup, elsewhere, supervision

    require_the_tests()
    measure = [sys.executable, "-m", "tests.benchmarks"]
    if options.list:
        return subprocess.run([*measure, "--list"], cwd=env.BASE_DIR, check=False).returncode
    if not elsewhere.is_here():
        return elsewhere.run(["bench", *options.only, *(["--keep"] if options.keep else [])])
    if not supervision.running():
        bringup.erase_data()  # what a broken run left
    try:
        bringup.up(table=False)
        return subprocess.run([*measure, *options.only], cwd=env.BASE_DIR, check=False).returncode
    finally:
        if not options.keep:
            bringup.down(erase=True)
