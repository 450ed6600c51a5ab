#!/usr/bin/env python
"""The one door: ``manage.py <service> <command>`` for one service, ``manage.py <command>`` for the suite.

Without arguments it lists both. Suite commands are the modules of ``apps/runtime/commands``.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys

from config.services import SERVICES

COMMANDS = "apps.runtime.commands"
STOPPED = 130
"""The exit code of what Ctrl-C has ended, as shells know it."""


def suite_commands() -> dict[str, str]:
    """Suite command name -> module, as found in ``apps/runtime/commands``."""
    package = importlib.import_module(COMMANDS)
    names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))
    return {name.replace("_", "-"): f"{COMMANDS}.{name}" for name in names}


def overview() -> str:
    """What there is to call: the services with their ports, and the suite commands with a line each."""
    lines = ["manage.py <service> <command> [options]     one service", ""]
    lines += [
        f"  {service.name:<16} port {service.port}{', PostgreSQL' if service.database else ''}"
        for service in SERVICES.values()
    ]
    lines += ["", "manage.py <command> [options]               the whole suite", ""]
    for name, module in suite_commands().items():
        lines.append(f"  {name:<16} {importlib.import_module(module).HELP}")
    lines += ["", "manage.py <service> help and manage.py <command> --help say more."]
    return "\n".join(lines)


def run_service(name: str, arguments: list[str]) -> int:
    """Run a Django management command with the settings of one service; gives the exit code, or exits itself."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SERVICES[name].settings_module
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line([f"manage.py {name}", *arguments])
    except OperationalError as error:
        if "--traceback" in arguments:
            raise
        print(
            f"PostgreSQL, database of {name}: {error}\n`manage.py doctor` says what is wrong.",
            file=sys.stderr,
        )
        return 1
    except ImproperlyConfigured as error:
        if "--traceback" in arguments:
            raise
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    return 0


def run_suite(name: str, module: str, arguments: list[str]) -> int:
    """Run a suite command; its exit code is the process's."""
    code: int = importlib.import_module(module).run(suite_parser(name, module).parse_args(arguments))
    return code


def suite_parser(name: str, module: str) -> argparse.ArgumentParser:
    """What a suite command takes; its help ends with what each exit code means."""
    command = importlib.import_module(module)
    parser = argparse.ArgumentParser(prog=f"manage.py {name}", description=command.HELP)
    command.add_arguments(parser)
    codes = {1: "it could not be done, and it is said why", STOPPED: "stopped by you", **command.EXIT_CODES}
    said = "; ".join(f"{code} {codes[code]}" for code in sorted(codes))
    parser.epilog = f"{parser.epilog or ''} Exit code: {said}.".strip()
    return parser


def main(arguments: list[str]) -> int:
    """The exit code; Ctrl-C at any moment is a sentence."""
    try:
        return run(arguments)
    except KeyboardInterrupt:
        print("stopped by you", file=sys.stderr)
        return STOPPED


def run(arguments: list[str]) -> int:
    """Find who is called, and call it."""
    if not arguments or arguments[0] in {"help", "--help", "-h"}:
        print(overview())
        return 0
    first, rest = arguments[0], arguments[1:]
    if first in SERVICES:
        return run_service(first, rest or ["help"])
    commands = suite_commands()
    if first in commands:
        return run_suite(first, commands[first], rest)
    print(f"manage.py: there is no service and no command called {first!r}.\n\n{overview()}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
