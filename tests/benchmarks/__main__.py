"""``make bench``: every benchmark against the running suite, each one's table when it is done and one of all."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from tests.benchmarks import (
    admin,
    burst,
    exchange,
    gateway,
    latency,
    logs,
    outbox,
    projection,
    reads,
    rebuild,
    rest,
    tracing,
)
from tests.benchmarks.measure import Figure

BENCHMARKS: dict[str, Callable[[], list[Figure]]] = {
    "rest": rest.at_rest,
    "latency": latency.figures,
    "outbox": outbox.figures,
    "burst": burst.figures,
    "gateway": gateway.figures,
    "projection": projection.figures,
    "rebuild": rebuild.figures,
    "reads": reads.figures,
    "reads_large": reads.large,
    "tracing": tracing.figures,
    "logs": logs.figures,
    "admin": admin.figures,
    "exchange": exchange.figures,
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
    found, failed = [], []
    for name in chosen or BENCHMARKS:
        console.print(f"measuring: {name} ...")
        before = psutil.cpu_times()
        try:
            figures = BENCHMARKS[name]()
        except Exception:  # one that breaks costs nobody the figures of the others
            console.print_exception()
            failed.append(name)
            continue
        console.print(_table(figures))
        console.print(_taken_away(before, psutil.cpu_times()))
        found += figures
    if len(chosen) != 1:
        console.print(_table(found))
    if failed:
        console.print(f"broke before their figures were there: {', '.join(failed)}", style="red")
    return 1 if failed else 0


def _table(figures: list[Figure]) -> Table:
    table = Table("measure", "goal", "figure", "met", "raw baseline", "figure / raw")
    for figure in figures:
        table.add_row(*_row(figure), style="green" if figure.met else "red")
    return table


def _taken_away(before: Any, after: Any) -> str:
    """How much of its processors a virtual machine did not get meanwhile (Linux tells it as ``steal``): with half of
    them taken away every rate is halved and every wait longer, and only ratios can be compared."""
    spent = {name: getattr(after, name) - getattr(before, name) for name in after._fields}
    everything = sum(spent.values()) - spent.get("guest", 0) - spent.get("guest_nice", 0)
    wanted = everything - spent.get("idle", 0) - spent.get("iowait", 0)
    share = spent.get("steal", 0) / (wanted or 1)
    return f"  taken away by others on the same hardware: {share:.0%} of what was wanted"


def _row(figure: Figure) -> list[str]:
    goal = f"{'>=' if figure.at_least else '<='} {figure.goal:g} {figure.unit}"
    raw = f"{figure.raw:.4g} {figure.unit}" if figure.raw else "-"
    of_raw = f"{figure.of_raw:.2f}x" if figure.of_raw else "-"
    value = f"{figure.value:.3g} {figure.unit}"
    return [figure.name, goal, value, "yes" if figure.met else "NO", raw, of_raw]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
