"""``manage.py down``."""

from __future__ import annotations

import argparse

from apps.runtime.commands._shared import guarded

HELP = "stop everything that was started here; the data stays"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--erase", action="store_true", help="then remove this instance's data, logs and secrets too"
    )


@guarded
def run(options: argparse.Namespace) -> int:
    from apps.runtime import bringup

    bringup.down(erase=options.erase)
    return 0
