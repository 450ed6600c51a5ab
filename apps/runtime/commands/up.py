"""``manage.py up``."""

from __future__ import annotations

import argparse

from apps.runtime.commands._shared import guarded

HELP = "start everything that does not run yet and wait until it serves"
EXIT_CODES = {0: "everything serves"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--parts", action="store_true", help="only the databases, the broker and the engines")
    parser.add_argument("--quiet", action="store_true", help="no tables at the end")


@guarded
def run(options: argparse.Namespace) -> int:
    from apps.runtime import bringup, demonstration
    from config import env

    bringup.up(with_services=not options.parts, table=not options.quiet)
    # In production there are no generated logins to tell.
    if not (options.parts or options.quiet or env.is_production()):
        demonstration.show_addresses()
    return 0
