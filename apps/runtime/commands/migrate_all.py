"""``manage.py migrate-all``."""

from __future__ import annotations

import argparse

from apps.runtime.commands._shared import guarded

HELP = "create the databases that are missing, bring all up to their migrations, compile the translations"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("services", nargs="*", help="only these (default: all that have a database)")


@guarded
def run(options: argparse.Namespace) -> int:
    from concurrent.futures import ThreadPoolExecutor

    from apps.runtime import languages, services, setup
    from apps.runtime.parts import postgres
    from apps.runtime.report import console

    languages.compile_catalogs()
    for name in postgres.create_databases():
        console.print(f"{name}: created")
    chosen = [s for s in services.with_database() if not options.services or s.name in options.services]
    with ThreadPoolExecutor(2) as pool:
        for service, _ in zip(chosen, pool.map(lambda s: setup.set_up(s, always=True), chosen), strict=True):
            console.print(f"{service.name}: migrated")
    return 0
