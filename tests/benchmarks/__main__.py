"""``make bench``: every benchmark against the running suite, one table at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from tests.benchmarks import gateway, latency, rest
from tests.benchmarks.measure import Figure

BENCHMARKS: dict[str, Callable[[], list[Figure]]] = {
    "rest": rest.at_rest,
    "latency": latency.figures,
    "gateway": gateway.figures,
    "start": rest.warm_up,
}


def main(chosen: list[str]) -> int:
    console = Console()
    if unknown := set(chosen) - set(BENCHMARKS):
        console.print(f"no benchmark called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
        return 2
    table = Table("measure", "figure", "goal", "figure / goal", "figure / raw", "raw baseline")
    for name in chosen or BENCHMARKS:
        console.print(f"measuring: {name} ...")
        for figure in BENCHMARKS[name]():
            table.add_row(*_row(figure), style="green" if figure.of_goal <= 1 else "red")
    console.print(table)
    return 0


def _row(figure: Figure) -> list[str]:
    ratio = f"{figure.of_raw:.1f}x" if figure.of_raw else "-"
    raw = f"{figure.raw:.4f} {figure.unit}" if figure.raw else "-"
    goal = f"<= {figure.goal:g} {figure.unit}"
    return [figure.name, f"{figure.value:.3f} {figure.unit}", goal, f"{figure.of_goal:.2f}", ratio, raw]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
