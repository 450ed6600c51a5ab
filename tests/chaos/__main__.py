"""``make chaos``: rounds of faults against the running suite (``manage.py chaos`` starts one for it)."""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "catalog_services.store.settings"

import django

django.setup()

from apps.runtime.services import copies  # noqa: E402
from config import env  # noqa: E402
from tests.chaos import cluster, invariants, report  # noqa: E402
from tests.chaos.faults import Fault, catalogue, choose  # noqa: E402
from tests.chaos.rounds import Chaos, Round  # noqa: E402


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 when every invariant held, 1 when one did not, 2 for a fault that does not exist."""
    parser = argparse.ArgumentParser(prog="manage.py chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--only", action="append", default=[], metavar="FAULT", help="may be repeated")
    parser.add_argument("--list", action="store_true", help="only say which faults there are")
    parser.add_argument("--report", type=Path, help="write what was found to this file (Markdown)")
    options = parser.parse_args(arguments)
    faults = catalogue()
    unknown = set(options.only) - set(faults)
    if options.list or unknown:
        print(*faults, sep="\n")
        return 2 if unknown else 0
    chosen = [faults[name] for name in options.only] or list(faults.values())
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
    run = rounds(options.rounds, chosen, seed=options.seed, kept=options.report)
    if options.report:
        options.report.write_text(report.markdown(run))
    print(*(f"WRONG {text}" for text in run.wrong), sep="\n")
    print(
        f"{len(run.rounds)} rounds, {len(run.wrong)} wrong, {len(run.slow)} slow (seed {run.seed})",
        flush=True,
    )
    return 1 if run.wrong else 0


def rounds(count: int, faults: Sequence[Fault], *, seed: int, kept: Path | None = None) -> report.Run:
    """Run rounds; a suite that cannot be brought back ends them, and is itself what is wrong.

    The report is written to ``kept`` after every round, so that a run cut short leaves what it found.
    """
    topology = ", ".join(f"{copies(role)} {role} a service" for role in ("web", "worker", "relay"))
    run = report.Run(seed, topology)
    started, before = time.monotonic(), cluster.memory()
    print(f"seed {seed}; {topology}", flush=True)
    chaos = Chaos(seed=seed)
    dealt = deal(chaos.dice, faults, count)
    for number, struck in enumerate(dealt, start=1):
        try:
            one = chaos.round(number, struck)
        except Exception as error:
            one = Round(number, [fault.name for fault in struck])
            one.wrong.append(f"the suite did not come back: {type(error).__name__}: {error}")
        run.rounds.append(one)
        print(report.line(one), *(f"      {text}" for text in one.wrong[:10]), sep="\n", flush=True)
        run.seconds = time.monotonic() - started
        if kept:
            kept.write_text(report.markdown(run))
        if one.wrong and "did not come back" in one.wrong[-1]:
            break
    else:
        run.closing = closing(chaos)
    after = cluster.memory()
    run.memory = {name: (before.get(name, 0), size) for name, size in after.items()}
    states = cluster.rows(
        "offering", "SELECT state, count(*) FROM offering_publication GROUP BY 1 ORDER BY 1"
    )
    run.publications = {row[0]: row[1] for row in states}
    run.aggregates = sum(len(family.members) for own in chaos.families for family in own)
    run.seconds = time.monotonic() - started
    return run


def deal(dice: random.Random, faults: Sequence[Fault], count: int) -> list[list[Fault]]:
    """The faults of each round: every one at least once when there are rounds enough, else at random."""
    if len(faults) > count:
        return [choose(dice, faults) for _ in range(count)]
    dealt = [[fault] for fault in faults] + [choose(dice, faults) for _ in range(count - len(faults))]
    dice.shuffle(dealt)
    return dealt


def closing(chaos: Chaos) -> list[str]:
    """Everything once more, and then a clean rebuild: it must give the very content that the faults left."""
    wrong = [f"at the end: {text}" for text in chaos.everything()]
    kept = invariants.entry_hashes()
    done = subprocess.run(
        [sys.executable, "manage.py", "store", "rebuild"],
        cwd=env.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return [*wrong, f"the rebuild failed: {done.stdout[-500:]} {done.stderr[-500:]}"]
    rebuilt = invariants.entry_hashes()
    if differing := {id_ for id_ in kept | rebuilt if kept.get(id_) != rebuilt.get(id_)}:
        wrong.append(f"{len(differing)} entries differ from a clean rebuild's, e.g. {min(differing)}")
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
