"""What a run came to, for a terminal line by line and as a page to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.benchmarks.measure import percentile
from tests.chaos.journal import Counts
from tests.chaos.rounds import CAUGHT_UP_SECONDS, Round


@dataclass(slots=True)
class Run:
    """Everything a report tells. ``memory`` is (before, after) in bytes by program; ``closing`` what the last checks
    of all found wrong."""

    seed: int
    topology: str
    rounds: list[Round] = field(default_factory=list)
    seconds: float = 0.0
    memory: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    publications: Mapping[str, int] = field(default_factory=dict)
    aggregates: int = 0
    closing: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Counts:
        total = Counts()
        for one in self.rounds:
            total.add(one.counts)
        return total

    @property
    def wrong(self) -> list[str]:
        return [f"round {r.number}: {text}" for r in self.rounds for text in r.wrong] + self.closing

    @property
    def slow(self) -> list[Round]:
        return [one for one in self.rounds if one.slow]


def line(one: Round) -> str:
    """A round as one line."""
    state = f"{len(one.wrong)} WRONG" if one.wrong else "SLOW" if one.slow else "ok"
    times = f"away {one.away:5.1f} s, caught up {one.caught_up:4.1f} s"
    met = f"{one.counts.acked} acknowledged, {one.counts.unknown} unknown, {one.counts.reads} reads"
    return f"{one.number:>4}  {state:<8} {times}  {met}  {', '.join(one.faults)}"


def markdown(run: Run) -> str:
    """The page that is kept: what was run, what was found, and each kind of fault in a line."""
    counts = run.counts
    waits = [one.caught_up for one in run.rounds] or [0.0]
    lines = [
        "# Chaos report",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, seed {run.seed}, {run.topology}; {len(run.rounds)} rounds in"
        f" {run.seconds / 60:.0f} minutes. Made by `make chaos`; what is checked is in `tests/chaos`.",
        "",
        "| | |",
        "|---|---|",
        f"| writes acknowledged | {counts.acked:,} |",
        f"| writes whose outcome nobody told (a broken connection or a 5xx) | {counts.unknown:,} |",
        f"| writes refused by a rule | {sum(counts.refused.values()):,} |",
        f"| reads, of these degraded, failed (whatever the fault) |"
        f" {counts.reads:,}, {counts.degraded:,}, {len(counts.failed_reads):,} |",
        f"| aggregates checked at the end | {run.aggregates:,} |",
        f"| publications by end | {', '.join(f'{n:,} {state}' for state, n in run.publications.items())} |",
        f"| caught up after all was back, p50 / p99 / longest | {percentile(waits, 0.5):.1f} /"
        f" {percentile(waits, 0.99):.1f} / {max(waits):.1f} s |",
        f"| rounds that took more than {CAUGHT_UP_SECONDS:g} s to catch up | {len(run.slow)} |",
        f"| **broken invariants** | **{len(run.wrong)}** |",
        "",
        *_faults(run.rounds),
        *_memory(run.memory),
    ]
    if run.slow:
        lines += ["", "## Slow rounds", "", *(f"- {line(one).strip()}" for one in run.slow)]
    if run.wrong:
        lines += ["", "## Broken invariants", "", *(f"- {text}" for text in run.wrong)]
    return "\n".join(lines) + "\n"


def _faults(rounds: Sequence[Round]) -> list[str]:
    by_name: dict[str, list[Round]] = {}
    for one in rounds:
        for name in one.faults:
            by_name.setdefault(name, []).append(one)
    table = ["| fault | rounds | away, longest | caught up, longest | wrong |", "|---|---|---|---|---|"]
    for name, own in sorted(by_name.items()):
        away, caught = max(r.away for r in own), max(r.caught_up for r in own)
        table.append(
            f"| {name} | {len(own)} | {away:.1f} s | {caught:.1f} s | {sum(len(r.wrong) for r in own)} |"
        )
    return table


def _memory(memory: Mapping[str, tuple[int, int]]) -> list[str]:
    if not memory:
        return []
    rows = [
        f"| {name} | {before / 1e6:.0f} | {after / 1e6:.0f} |"
        for name, (before, after) in sorted(memory.items())
    ]
    return ["", "| process (PSS, MB) | before | after |", "|---|---|---|", *rows]
