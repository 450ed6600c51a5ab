"""``manage.py doctor``."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from apps.runtime.commands._shared import guarded

HELP = "what is wrong, and the command that mends it"
EXIT_CODES = {0: "nothing is wrong", 3: "something is"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs: a JSON list")


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code 0 when nothing is wrong, 3 when something is."""
    from apps.runtime import doctor
    from apps.runtime.report import console

    found = doctor.examine()
    if options.json:
        print(json.dumps([asdict(finding) for finding in found], indent=1))
        return 3 if found else 0
    for finding in found:
        console.print(finding.what, style="red", markup=False, highlight=False, soft_wrap=True)
        console.print(f"  {finding.cure}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"{len(found)} findings" if found else "Nothing is wrong.", highlight=False)
    return 3 if found else 0
