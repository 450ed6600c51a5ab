"""``manage.py up``."""

from __future__ import annotations

import argparse

from apps.runtime.commands._shared import guarded

HELP = "start everything that does not run yet and wait until it serves"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--parts", action="store_true", help="only the databases, the broker and the engines")
    parser.add_argument("--quiet", action="store_true", help="no table at the end")


@guarded
def run(options: argparse.Namespace) -> int:
    from apps.runtime import bringup

    bringup.up(with_services=not options.parts, table=not options.quiet)
    return 0
