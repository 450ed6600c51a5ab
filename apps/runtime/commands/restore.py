"""``manage.py restore ARCHIVE``."""

from __future__ import annotations

import argparse
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from apps.runtime.commands._shared import guarded, show
from apps.runtime.errors import RuntimeFault

if TYPE_CHECKING:
    from apps.runtime.backup.archive import Archive

HELP = "bring back what a backup holds; the read side is made anew from it"
EXIT_CODES = {
    0: "done",
    1: "refused, nothing was touched",
    3: "it broke off: run it again, with --replace",
    4: "restored, but not everything serves, or the read side is not the same",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "The services must not run (manage.py down); the databases that it needs are started."
    parser.add_argument("archive", type=Path, metavar="ARCHIVE", help="what manage.py backup wrote")
    parser.add_argument("--dry-run", action="store_true", help="check everything and touch nothing")
    parser.add_argument("--replace", action="store_true", help="lose what is here now")
    parser.add_argument(
        "--up", action="store_true", help="then start everything, make the read side anew and verify it"
    )


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code as ``--help`` says it."""
    from apps.runtime import image, suite
    from apps.runtime.backup import archive, restoring
    from apps.runtime.backup.bars import bars
    from apps.runtime.report import say

    if options.up:
        image.require_none()
    with ExitStack() as stack:
        with bars("checked") as advance:
            found = stack.enter_context(archive.checked(options.archive, advance))
        say(f"A whole backup, of {found.manifest.taken_at}, by version {found.manifest.suite}.")
        if not options.dry_run:
            restoring.start_the_parts()
        try:
            with nullcontext() if options.dry_run else suite.exclusive():
                done = _restore(found, replace=options.replace, dry_run=options.dry_run)
        except restoring.RestoreUnfinished as fault:
            show(fault)
            return 3
    if done and options.up:
        return _brought_back()
    if done:
        start = f"{image.INSTEAD} and then kubectl scale," if image.is_this() else "manage.py up"
        say(f"{start} starts everything, and the store's worker makes the read side anew by itself;")
        say("manage.py store verify says when it is the same.")
    return 0


def _brought_back() -> int:
    """The exit code. What is restored stays so, whatever comes after it."""
    from apps.runtime.backup.bringing_back import bring_back
    from apps.runtime.report import say

    try:
        return 0 if bring_back() else 4
    except RuntimeFault as fault:
        show(fault)
        say("Everything is restored; manage.py up starts it once the cause is gone.")
        return 4


def _restore(found: Archive, *, replace: bool, dry_run: bool) -> bool:
    """Whether anything was done. Raises ``RestoreRefused`` and ``RestoreUnfinished``."""
    from apps.runtime.backup import planning, restoring
    from apps.runtime.backup.bars import bars
    from apps.runtime.report import say

    plan = planning.planned(found, replace=replace, started=not dry_run)
    for line in plan.told():
        say(line)
    if plan.refusals:
        raise restoring.RestoreRefused("\n".join(plan.refusals))
    if dry_run:
        say("It can be restored. Nothing was touched.")
        return False
    sizes = {owner: member.size for owner, member in found.manifest.databases.items()}
    with bars("restored", sizes) as advance:
        restoring.restore(found, plan, say=say, advance=advance)
    say("Restored.")
    return True
