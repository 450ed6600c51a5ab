"""``manage.py demo``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from apps.runtime.commands._shared import guarded

HELP = "start everything, import and publish a catalog, and show store searches"
EXIT_CODES = {
    0: "done, also when single items of the catalog need attention",
    2: "the import could not be done",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--catalog", type=Path, help="TMF620 v4 JSON, a file or a folder (default: the demo catalog)"
    )


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code 0, also when single items of the catalog need attention: the report names them."""
    from apps.runtime import bringup, demonstration
    from apps.runtime.commands import import_catalog
    from apps.runtime.report import console

    begun = time.monotonic()
    bringup.up()
    started = time.monotonic()
    parser = argparse.ArgumentParser()
    import_catalog.add_arguments(parser)
    path = [str(options.catalog)] if options.catalog else []
    code = import_catalog.run(parser.parse_args([*path, "--publish"]))
    if code > 1:
        return code
    imported = time.monotonic()
    demonstration.show_searches()
    demonstration.show_addresses()
    console.print(
        f"started in {started - begun:.0f} s, imported and published in {imported - started:.0f} s, "
        f"all in {time.monotonic() - begun:.0f} s; it runs until `make down`",
        highlight=False,
    )
    return 0
