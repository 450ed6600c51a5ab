"""``manage.py migrate-all``."""

from __future__ import annotations

import argparse

from apps.runtime.commands._shared import guarded

HELP = "create the databases that are missing, bring all up to their migrations, compile the translations"
EXIT_CODES = {0: "every database is as this version needs it"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "services", nargs="*", metavar="SERVICE", help="only these (default: all that have a database)"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, change nothing")


@guarded
def run(options: argparse.Namespace) -> int:
    from apps.runtime import migrating
    from apps.runtime.report import say

    chosen = migrating.chosen(options.services)
    for line in migrating.planned(chosen) if options.dry_run else migrating.migrate(chosen):
        say(line)
    return 0
