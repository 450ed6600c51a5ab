"""``manage.py status``."""

from __future__ import annotations

import argparse
import json

from apps.runtime.commands._shared import guarded

HELP = "what runs, where, and how much memory it takes"
EXIT_CODES = {0: "everything known runs", 3: "something is down"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs: a JSON list")
    parser.add_argument(
        "--sample", type=float, default=0, metavar="SECONDS", help="also watch the processor use"
    )


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code 0 when everything known runs, 3 when something is down."""
    from apps.runtime import bringup, report, supervision

    found = report.rows(bringup.known_programs(), sample=options.sample)
    if options.json:
        print(json.dumps([row.as_dict() for row in found], indent=1))
    else:
        report.show(found)
        if not supervision.running():
            report.say("Nothing was started from here. How one is that runs elsewhere: manage.py doctor")
    return 0 if found and all(row.state in {"running", "external"} for row in found) else 3
