"""``manage.py test``."""

from __future__ import annotations

import argparse

from apps.runtime.commands._shared import guarded

HELP = "run the tests on an instance of their own, which is gone afterwards"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("suites", nargs="*", help="a service's name, apps, runtime, e2e, ... (default: all)")
    parser.add_argument(
        "-k", dest="expression", default="", help="only tests whose names match (as pytest's -k)"
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the instance running, for the next run or a look"
    )
    parser.add_argument("--list", action="store_true", help="only say which suites there are")


@guarded
def run(options: argparse.Namespace) -> int:
    """Exit code 0 when everything chosen passed."""
    from apps.runtime import testing
    from config import env

    known = {suite.name: suite for suite in testing.discover()}
    unknown = set(options.suites) - set(known)
    if options.list or unknown:
        print(*(f"{suite.name:<16} about {suite.size} tests" for suite in known.values()), sep="\n")
        return 2 if unknown else 0
    if env.port_offset() < testing.OFFSET:
        return elsewhere(options)
    chosen = [known[name] for name in options.suites] or list(known.values())
    return (
        0
        if testing.summarise(testing.run_all(chosen, expression=options.expression, keep=options.keep))
        else 1
    )


def elsewhere(options: argparse.Namespace) -> int:
    """The same command in a process of its own, switched to the tests' instance before anything reads the settings."""
    import subprocess
    import sys

    from apps.runtime import credentials, testing
    from config import env

    offset = str(env.port_offset() + testing.OFFSET)
    environment = {**credentials.without_secrets(), "PORT_OFFSET": offset, "CATALOG_ENV": "test"}
    # The tests of the whole suite follow its traces; those of one service do without.
    environment["OTEL_SDK_DISABLED"] = "false"
    arguments = [*options.suites, *(["-k", options.expression] if options.expression else [])]
    arguments += ["--keep"] if options.keep else []
    command = [sys.executable, "manage.py", "test", *arguments]
    return subprocess.run(command, cwd=env.BASE_DIR, env=environment, check=False).returncode
