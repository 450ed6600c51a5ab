"""``make bench``: every benchmark against the running suite, one table at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from tests.benchmarks import admin, burst, gateway, latency, outbox, projection, reads, rest
from tests.benchmarks.measure import Figure

BENCHMARKS: dict[str, Callable[[], list[Figure]]] = {
    "rest": rest.at_rest,
    "latency": latency.figures,
    "outbox": outbox.figures,
    "burst": burst.figures,
    "gateway": gateway.figures,
    "projection": projection.figures,
    "reads": reads.figures,
    "reads_large": reads.large,
    "admin": admin.figures,
    "start": rest.warm_up,
}


def main(chosen: list[str]) -> int:
    console = Console(width=None if sys.stdout.isatty() else 160)
    if chosen == ["--list"]:
        console.print(*BENCHMARKS, sep="\n")
        return 0
    if unknown := set(chosen) - set(BENCHMARKS):
        console.print(f"no benchmark called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
        return 2
    table = Table("measure", "goal", "figure", "met", "raw baseline", "figure / raw")
    for name in chosen or BENCHMARKS:
        console.print(f"measuring: {name} ...")
        for figure in BENCHMARKS[name]():
            table.add_row(*_row(figure), style="green" if figure.met else "red")
    console.print(table)
    return 0


def _row(figure: Figure) -> list[str]:
    goal = f"{'>=' if figure.at_least else '<='} {figure.goal:g} {figure.unit}"
    raw = f"{figure.raw:.4g} {figure.unit}" if figure.raw else "-"
    of_raw = f"{figure.of_raw:.2f}x" if figure.of_raw else "-"
    value = f"{figure.value:.3g} {figure.unit}"
    return [figure.name, goal, value, "yes" if figure.met else "NO", raw, of_raw]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
