"""What `up` and `status` print: a table of everything, with memory."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from apps.runtime import parts, processes, supervision
from apps.runtime.program import Program
from config import env

# Into a file or a pipe rich would fold everything to 80 columns.
console = Console(width=None if sys.stdout.isatty() else 140)


def say(text: str) -> None:
    """A line as it is, however long."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Row:
    """One line: ``memory`` in bytes, ``cpu`` in percent of one core (only when sampled)."""

    name: str
    state: str
    version: str
    url: str
    pid: int
    memory: int
    cpu: float = 0.0

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def rows(programs: list[Program], *, sample: float = 0) -> list[Row]:
    """One row per program and per external part; ``sample`` seconds of watching give the processor use."""
    states = supervision.states()
    pids = {p.name: int(states.get(p.name, {}).get("pid", 0)) for p in programs}
    before = {name: processes.cpu_seconds(pid) for name, pid in pids.items() if pid and sample}
    time.sleep(sample)
    found = []
    for program in programs:
        pid = pids[program.name]
        used = processes.cpu_seconds(pid) - before[program.name] if program.name in before else 0.0
        found.append(
            Row(
                name=program.name,
                state=states.get(program.name, {}).get("statename", "DOWN").lower(),
                version=program.version,
                url=program.url,
                pid=pid,
                memory=processes.memory(pid) if pid else 0,
                cpu=round(100 * used / sample, 1) if sample else 0.0,
            )
        )
    found += [Row(name, "external", "", public_address(name), 0, 0) for name in parts.external()]
    return found


def public_address(name: str) -> str:
    """An external part's URL without its credentials."""
    return env.part_url(name).split("@")[-1]


def show(found: list[Row]) -> None:
    table = Table(title=f"Catalog Suite in {env.state_dir()}")
    for name in ("part", "state"):
        table.add_column(name, no_wrap=True)
    for name in ("version", "URL"):
        table.add_column(name, overflow="fold")
    for name in ("pid", "MB"):
        table.add_column(name, justify="right", no_wrap=True)
    sampled = any(row.cpu for row in found)
    if sampled:
        table.add_column("CPU %", justify="right")
    for row in found:
        cells = [
            row.name,
            row.state,
            row.version,
            row.url,
            str(row.pid or ""),
            f"{row.memory / 1e6:.0f}" if row.pid else "",
        ]
        table.add_row(*cells, *([f"{row.cpu:.1f}"] if sampled else []))
    table.add_section()
    total = ["", "", "", "", "", f"{sum(r.memory for r in found) / 1e6:.0f}"]
    table.add_row("total", *total[1:], *([f"{sum(r.cpu for r in found):.1f}"] if sampled else []))
    console.print(table)
