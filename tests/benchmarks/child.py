"""Benchmarks that need a service's settings, with stores of their own: measured in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from subprocess import PIPE

from config import env
from config.services import SERVICES
from tests.benchmarks.measure import Figure

MARK = "figures: "


def measured(module: str, service: str, *arguments: str, **environment: str) -> list[Figure]:
    """The figures that ``python -m tests.benchmarks.<module>`` tells, run with the settings of ``service``; the rest
    of what it prints is passed on. Raises ``CalledProcessError``."""
    found: list[Figure] = []
    for line in printed(module, service, *arguments, **environment):
        if line.startswith(MARK):
            found += [Figure(**each) for each in json.loads(line.removeprefix(MARK))]
        else:
            print(line, end="", flush=True)
    return found


def printed(module: str, service: str, *arguments: str, **environment: str) -> Iterator[str]:
    """The lines that ``python -m tests.benchmarks.<module>`` prints, run with the settings of ``service``.

    Raises ``CalledProcessError``.
    """
    settings = {"DJANGO_SETTINGS_MODULE": SERVICES[service].settings_module, "LOG_LEVEL": "CRITICAL"}
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    with subprocess.Popen(
        command, cwd=env.BASE_DIR, env={**os.environ, **settings, **environment}, stdout=PIPE, text=True
    ) as child:
        yield from child.stdout or ()
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)


def tell(figures: Sequence[Figure]) -> None:
    """Called in the child: say the figures, and hand them to whoever measures."""
    print(*(f"  {figure.name}: {figure.value:.3g} {figure.unit}" for figure in figures), sep="\n")
    print(MARK + json.dumps([asdict(figure) for figure in figures]), flush=True)
