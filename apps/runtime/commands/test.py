"""``manage.py test``."""

from __future__ import annotations

import argparse

from apps.runtime.commands._shared import guarded

HELP = "run the tests on an instance of their own, which is gone afterwards"
EXIT_CODES = {0: "everything chosen passed", 1: "something failed", 2: "there is no such suite"}


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
    from apps.runtime import elsewhere, testing

    known = {suite.name: suite for suite in testing.discover()}
    unknown = set(options.suites) - set(known)
    if options.list or unknown:
        print(*(f"{suite.name:<16} about {suite.size} tests" for suite in known.values()), sep="\n")
        return 2 if unknown else 0
    if not elsewhere.is_here():
        arguments = [*options.suites, *(["-k", options.expression] if options.expression else [])]
        arguments += ["--keep"] if options.keep else []
        # The tests of the whole suite follow its traces; those of one service do without. And they have publications
        # go on after the suite was stopped and started: on a slow machine that takes minutes. From one address they
        # sign in for each page.
        variables = {
            "CATALOG_ENV": "test",
            "OTEL_SDK_DISABLED": "false",
            "PUBLICATION_SECONDS": "1800",
            "GATEWAY_LOGIN_RATE": "600/minute",
        }
        return elsewhere.run(["test", *arguments], **variables)
    chosen = [known[name] for name in options.suites] or list(known.values())
    outcomes = testing.run_all(chosen, expression=options.expression, keep=options.keep)
    return 0 if testing.summarise(outcomes) else 1
