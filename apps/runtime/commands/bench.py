"""``manage.py bench``."""

from __future__ import annotations

import argparse
import subprocess
import sys

from apps.runtime.commands._shared import guarded
from config import env

HELP = "measure the running suite: goals, figures, and the raw baselines of the same run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "only", nargs="*", help="names of benchmarks (latency, rest, start); all when none is given"
    )


@guarded
def run(options: argparse.Namespace) -> int:
    from apps.runtime import bringup

    bringup.up(with_services=True, table=False)
    command = [sys.executable, "-m", "tests.benchmarks", *options.only]
    return subprocess.run(command, cwd=env.BASE_DIR, check=False).returncode
