"""``manage.py reference``."""

from __future__ import annotations

import argparse

from apps.runtime import reference
from apps.runtime.commands._shared import guarded
from apps.runtime.report import console
from config.env import BASE_DIR

DOCS = BASE_DIR / "docs"
HELP = "write docs/settings.md and docs/events.md anew, from the code and the schemas"
EXIT_CODES = {0: "the pages say what the code does", 1: "something does not, and is named"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="only say what is not as it should be")


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code 0 when the pages say what the code does, and the code says what each setting means."""
    wrong = [f"no comment says what {name} means" for name in reference.settings.unexplained()]
    for name, page in reference.PAGES.items():
        path = DOCS / name
        if not options.check:
            path.write_text(page())
        elif not path.exists() or path.read_text() != page():
            wrong.append(f"docs/{name} is not what the code says: manage.py reference")
    for trouble in wrong:
        console.print(trouble, markup=False, highlight=False, soft_wrap=True)
    return 1 if wrong else 0
