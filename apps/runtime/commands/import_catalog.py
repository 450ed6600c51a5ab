"""``manage.py import-catalog PATH``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from apps.core.asking import secret
from apps.importer import report
from apps.importer.auth import SignInRefused
from apps.importer.client import SuiteClient
from apps.importer.problem import Problem, Unreachable
from apps.importer.read import UnreadableError
from apps.importer.results import Results
from apps.importer.rules.offerings import DEFAULT_CHANNELS
from apps.importer.run import import_catalog
from apps.runtime.commands._shared import guarded
from config import env

HELP = "import TMF620 v4 JSON (a file or a folder) through the public API"
EXIT_CODES = {0: "all is in the suite", 1: "some items need attention", 2: "the import could not be done"}
DEMO_CATALOG = env.BASE_DIR / "apps" / "importer" / "demo_catalog"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, nargs="?", default=DEMO_CATALOG,
                        help="a .json file, or a folder of them (default: the demo catalog)")  # fmt: skip
    parser.add_argument(
        "--url", default=env.service_url("gateway"), help="the gateway (default: %(default)s)"
    )
    parser.add_argument("--username", default="admin", help="default: %(default)s")
    parser.add_argument("--password", help="default: the demo's; asked for when there is none")
    parser.add_argument("--channel", action="append", metavar="NAME", help="sales channel of offerings that "
                        f"name none; repeatable (default: {', '.join(DEFAULT_CHANNELS)})")  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="show the differences and write nothing")
    parser.add_argument("--publish", action="store_true", help="publish the offerings and wait for each")
    parser.add_argument(
        "--anew",
        action="store_true",
        help="make new drafts of offerings that were retired here and are sold there",
    )
    parser.add_argument("--publish-timeout", type=float, default=120.0, metavar="SECONDS",
                        help="how long to wait for one publication (default: %(default)g)")  # fmt: skip
    parser.add_argument("--report", type=Path, metavar="FILE.json", help="write the whole report as JSON")


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code as ``--help`` says it."""
    console = Console()
    try:
        with SuiteClient(options.url, options.username, _password(options)) as client:
            results = import_catalog(
                options.path,
                client,
                channels=options.channel or DEFAULT_CHANNELS,
                dry_run=options.dry_run,
                publish=options.publish,
                anew=options.anew,
                publish_timeout=options.publish_timeout,
                console=console,
            )
    except (UnreadableError, SignInRefused, Unreachable, Problem) as error:
        console.print(f"[red]Nothing was imported:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        return 2
    report.show(results, console)
    return max(_save(results, options, console), 1 if results.bad else 0)


def _save(results: Results, options: argparse.Namespace, console: Console) -> int:
    """Write the report file that was asked for; exit code 1 when it cannot be written."""
    if options.report is None:
        return 0
    try:
        report.save(results, options.report, source=str(options.path), url=options.url)
    except OSError as error:
        console.print(
            f"[red]The report was not written:[/] {escape(str(error))}", highlight=False, soft_wrap=True
        )
        return 1
    return 0


def _password(options: argparse.Namespace) -> str:
    if options.password:
        return str(options.password)
    generated = env.secret("ADMIN_PASSWORD") if options.username == "admin" else ""
    if generated or not sys.stdin.isatty():
        return generated
    return secret(f"Password of {options.username}")
