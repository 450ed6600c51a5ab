"""``manage.py down``."""

from __future__ import annotations

import argparse

from apps.runtime.commands._shared import guarded

HELP = "stop everything that was started here; the data stays"
EXIT_CODES = {0: "nothing runs any more"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--erase", action="store_true", help="then remove this instance's data, logs and secrets too"
    )
    parser.add_argument("--yes", action="store_true", help="with --erase: do not ask; nor is a program asked")
    parser.add_argument("--dry-run", action="store_true", help="say what would be stopped and removed")


@guarded
def run(options: argparse.Namespace) -> int:
    from apps.core.asking import agreed
    from apps.runtime import bringup, paths, supervision
    from apps.runtime.report import say

    if options.dry_run:
        say(f"would be stopped: {', '.join(sorted(supervision.states())) or 'nothing'}")
        say(f"would be removed: {', '.join(map(str, paths.data_roots())) if options.erase else 'nothing'}")
        return 0
    gone = "This removes the data, the logs and the secrets of this instance for good."
    if options.erase and not agreed(gone, yes=options.yes):
        say("nothing was done")
        return 1
    bringup.down(erase=options.erase)
    return 0
