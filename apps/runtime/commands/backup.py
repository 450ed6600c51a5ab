"""``manage.py backup ARCHIVE``."""

from __future__ import annotations

import argparse
from pathlib import Path

from apps.runtime.commands._shared import guarded

HELP = "write all that cannot be made anew, as it is at one moment, into one archive"
EXIT_CODES = {0: "the archive is whole", 1: "there is none, and it is said why"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Everything goes on; writes wait for the moment in which all dumps are begun. The secrets are not in it: keep "
        "them, too."
    )
    parser.add_argument(
        "archive", type=Path, metavar="ARCHIVE", help="the file to write; it must not be there"
    )
    parser.add_argument("--patience", type=float, default=120.0, metavar="SECONDS",
                        help="how long to try to hold all databases at one moment (default: %(default)g)")  # fmt: skip


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code as ``--help`` says it."""
    from apps.runtime.backup.bars import bars
    from apps.runtime.backup.taking import back_up
    from apps.runtime.report import say

    with bars("dumped") as advance:
        told, now = back_up(options.archive, patience=options.patience, advance=advance)
    tries = "" if now.tries == 1 else f", in try {now.tries}"
    say(f"All databases as of {told.taken_at}; writes waited for {now.held * 1000:.0f} ms{tries}.")
    say(f"{options.archive}: {options.archive.stat().st_size / 1e6:.1f} MB, whole and on the disk.")
    say("The secrets are not in it: keep .env, or secrets.env of the state folder, with it.")
    return 0
