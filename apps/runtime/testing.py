"""Running every test: one pytest process per suite, two at a time, on an instance of its own.

The instance is ``elsewhere``, so tests never meet the data of a running demo.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from rich.table import Table

from apps.runtime import bringup, credentials, supervision
from apps.runtime.errors import RuntimeFault
from apps.runtime.report import console
from config import env
from config.parts import PROCESS_ENGINES
from config.services import SERVICES

AT_A_TIME = 2
# A test that takes longer hangs. That is no measure of speed: its first fixture may start an engine.
HANGS_SECONDS = 600
LONGEST_SECONDS = 3600
TESTS = env.BASE_DIR / "tests"
# Suites without a service of their own are run with this one's settings and a database of their own.
STAND_IN = "characteristic"
# These mostly wait for processes to start, so they begin first.
SLOWEST = ("runtime", "apps", *PROCESS_ENGINES)
# They meet the whole suite as it runs, so they come last, one after the other.
WITH_EVERYTHING_UP = ("e2e", "chaos")


@dataclass(frozen=True, slots=True)
class Suite:
    """Some tests that share one pytest process and one service's settings.

    With an ``engine`` only those that meet the process engine, on one of this name beside the instance's.
    """

    name: str
    folder: Path
    service: str = STAND_IN
    ignore: tuple[Path, ...] = ()
    beside: tuple[Path, ...] = ()
    engine: str = ""

    @property
    def log(self) -> Path:
        return env.state_dir() / "tests" / f"{self.name}.log"

    @property
    def size(self) -> int:
        """How many tests it has, roughly: the larger start first."""
        files = [
            f for f in self.folder.rglob("test_*.py") if not any(f.is_relative_to(i) for i in self.ignore)
        ]
        return sum(file.read_text().count("def test_") for file in files)


@dataclass(slots=True)
class Outcome:
    """What a suite's run came to; ``seconds`` of wall time, ``names`` of what failed, and each test that was
    skipped with the reason (``left_out``)."""

    suite: Suite
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    names: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def discover() -> Iterator[Suite]:
    """Every suite that has tests."""
    found = [
        Suite("architecture", TESTS / "architecture"),
        Suite("contracts", TESTS / "contracts"),
        Suite("apps", TESTS / "apps", ignore=(TESTS / "apps" / "runtime",)),
        Suite("runtime", TESTS / "apps" / "runtime"),
        *(Suite(name, TESTS / "services" / name, service=name) for name in SERVICES),
        *(
            Suite(
                name,
                TESTS / "apps" / "saga",
                service="offering",
                # Celery's worker and our poller are the same on every engine; two workers would share a broker, too.
                ignore=tuple(TESTS / "apps" / "saga" / f"test_{name}.py" for name in ("worker", "poller")),
                beside=(TESTS / "services" / "offering",),
                engine=name,
            )
            for name in PROCESS_ENGINES
            if name != env.process_engine()
        ),
        Suite("e2e", TESTS / "e2e"),
        # The harness looks into the store with the store's own eyes.
        Suite("chaos", TESTS / "chaos", service="store"),
    ]
    yield from (suite for suite in found if suite.size)


def environment(suite: Suite, number: int) -> dict[str, str]:
    """A Redis database of its own, and for stand-ins a PostgreSQL database of their own."""
    variables = credentials.without_secrets()
    # The suite that is up is traced, the tests are not: their own client would give its trace to every request.
    variables.pop("OTEL_SDK_DISABLED", None)
    if suite.name in WITH_EVERYTHING_UP:
        return variables
    if not env.part_is_external("redis"):
        variables["REDIS_URL"] = env.part_url("redis").removesuffix("/0") + f"/{number}"
    if suite.name != suite.service:
        variables[f"{suite.service.upper()}_DATABASE_URL"] = f"{env.database_url(suite.service)}_{suite.name}"
    return variables


def _ended(command: list[str], variables: dict[str, str], log: IO[str]) -> int:
    """The exit code; a run that does not end by itself is ended, and counts as broken off."""
    try:
        return subprocess.run(
            command,
            cwd=env.BASE_DIR,
            env=variables,
            stdout=log,
            stderr=log,
            check=False,
            timeout=LONGEST_SECONDS,
        ).returncode
    except subprocess.TimeoutExpired:
        return -1


def run(suite: Suite, number: int, *, expression: str = "") -> Outcome:
    """Run one suite; its output goes to its log."""
    suite.log.parent.mkdir(parents=True, exist_ok=True)
    results = suite.log.with_suffix(".xml")
    results.unlink(missing_ok=True)
    command = [
        *(
            sys.executable,
            "-m",
            "pytest",
            *map(str, (suite.folder, *suite.beside)),
            f"--ds={SERVICES[suite.service].settings_module}",
        ),
        *(
            f"--junitxml={results}",
            f"--timeout={HANGS_SECONDS}",
            "-ra",
            *(f"--ignore={path}" for path in suite.ignore),
        ),
        *(("-k", expression) if expression else ()),
        *(("--engine", suite.engine) if suite.engine else ()),
    ]
    begun = time.monotonic()
    with suite.log.open("w") as log:
        code = _ended(command, environment(suite, number), log)
    outcome = counted(suite, results)
    outcome.seconds = time.monotonic() - begun
    # Ended without saying that a test failed: it broke as a whole (5: no test was chosen).
    if code not in {0, 5} and not outcome.failed:
        outcome.failed = 1
        outcome.names = [f"the run of {suite.name} broke off (exit code {code})"]
    return outcome


def counted(suite: Suite, results: Path) -> Outcome:
    """Count a suite's results from pytest's XML report."""
    outcome = Outcome(suite)
    if not results.exists():
        return outcome
    for case in ElementTree.parse(results).iter("testcase"):  # noqa: S314 - pytest wrote it just now
        name = f"{case.get('classname', '')}::{case.get('name', '')}"
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
            outcome.names.append(name)
        elif (skipped := case.find("skipped")) is not None:
            outcome.skipped += 1
            outcome.left_out.append((name, skipped.get("message", "")))
        else:
            outcome.passed += 1
    return outcome


def announce(outcome: Outcome) -> None:
    """One line for a suite, and its whole log when something failed."""
    counts = f"{outcome.passed} passed, {outcome.failed} failed, {outcome.skipped} skipped"
    console.print(f"{outcome.suite.name:<16} {counts} in {outcome.seconds:.0f} s", highlight=False)
    if outcome.failed:
        console.print(
            outcome.suite.log.read_text(errors="replace"), markup=False, highlight=False, soft_wrap=True
        )


def run_all(chosen: list[Suite], *, expression: str = "", keep: bool = False) -> list[Outcome]:
    """Run suites on a fresh instance that is taken down and erased afterwards, whatever happens."""
    alone = [s for s in chosen if s.name not in WITH_EVERYTHING_UP]
    together = [s for s in chosen if s.name in WITH_EVERYTHING_UP]
    outcomes = []
    if not supervision.running():
        bringup.erase_data()  # what a failed run left to be looked at
    try:
        bringup.up(with_services=not alone, table=False)
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            ordered = sorted(alone, key=lambda s: (s.name not in SLOWEST, -s.size))
            futures = [pool.submit(run, s, n, expression=expression) for n, s in enumerate(ordered, start=1)]
            for future in as_completed(futures):
                outcomes.append(future.result())
                announce(outcomes[-1])
        if together:
            outcomes += run_together(together, expression=expression)
    finally:
        if not keep:
            bringup.down(erase=all(not o.failed for o in outcomes))
    return outcomes


def run_together(suites: list[Suite], *, expression: str) -> list[Outcome]:
    """The suites that need everything up; when it does not come up, that is their failure."""
    try:
        bringup.up(table=False)
    except RuntimeFault as fault:
        console.print(str(fault), markup=False, soft_wrap=True)
        return [Outcome(s, failed=1, names=[f"{s.name}: the suite did not come up"]) for s in suites]
    outcomes = []
    for suite in suites:
        outcomes.append(run(suite, 0, expression=expression))
        announce(outcomes[-1])
    return outcomes


def left_out(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Each test that was skipped, by its name and with the reason; those that share one stand below it."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in (skipped for outcome in outcomes for skipped in outcome.left_out):
        by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        if len(names) == 1:
            yield f"SKIPPED {names[0]}: {reason}"
        else:
            yield f"SKIPPED {len(names)} tests: {reason}"
            yield from (f"    {name}" for name in names)


def summarise(outcomes: list[Outcome]) -> bool:
    """Print the table and the closing line; True when nothing failed."""
    table = Table("suite", "passed", "failed", "skipped", "seconds", title="Tests")
    for outcome in outcomes:
        counts = (outcome.passed, outcome.failed, outcome.skipped, round(outcome.seconds))
        table.add_row(outcome.suite.name, *map(str, counts))
    console.print(table)
    for line in left_out(outcomes):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    for outcome in outcomes:
        for name in outcome.names:
            console.print(f"FAILED {name}", markup=False, highlight=False, soft_wrap=True)
    passed, failed, skipped = (
        sum(getattr(o, key) for o in outcomes) for key in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return failed == 0
