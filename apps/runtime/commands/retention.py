"""``manage.py retention``."""

from __future__ import annotations

import argparse

from apps.runtime.commands._shared import guarded

HELP = "forget, in every service and of the logs, what is older than its setting says"
EXIT_CODES = {0: "done", 1: "some of it could not be done, and is named"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "The relays and the log shipper do it every hour; this does it at once. What is forgotten is gone."
    )
    parser.add_argument("--dry-run", action="store_true", help="say how much, remove nothing")


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code as ``--help`` says it."""
    from apps.runtime import forgetting

    forgetting.forget(dry_run=options.dry_run)
    return 0
