"""A round: load, a fault at a random moment, everything back, everything settled, everything checked."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from config import env
from tests.chaos import cluster, invariants
from tests.chaos.faults import Fault
from tests.chaos.journal import Counts, Family
from tests.chaos.load import Reader, Worker, Writer
from tests.e2e.conftest import Api, sign_in
from tests.support.waiting import eventually

WRITERS, READERS = 4, 2
FROZEN_AFTER = 8
"""A writer works on its newest families; older ones stay as they are, for readers to rely on."""
AFTER_FAULT_SECONDS = 1.0
BACK_SECONDS, SETTLE_SECONDS = 120.0, 240.0
CAUGHT_UP_SECONDS = 5.0
FULL_CHECK_EVERY = 20


@dataclass(slots=True)
class Round:
    """What one round came to. Seconds: ``away`` from the strike until all is back, ``caught_up`` from then on."""

    number: int
    faults: list[str]
    struck: list[str] = field(default_factory=list)
    away: float = 0.0
    caught_up: float = 0.0
    counts: Counts = field(default_factory=Counts)
    wrong: list[str] = field(default_factory=list)

    @property
    def slow(self) -> bool:
        return self.caught_up > CAUGHT_UP_SECONDS


class Chaos:
    """Rounds on one suite, with families that grow from round to round."""

    def __init__(self, *, seed: int) -> None:
        self.dice = random.Random(seed)
        self.families: list[list[Family]] = [[] for _ in range(WRITERS)]
        self.base_url = f"http://127.0.0.1:{env.service_port('gateway')}"
        self.visitor = Api(base_url=self.base_url, timeout=15)

    def round(self, number: int, faults: Sequence[Fault]) -> Round:
        """Run one; what it finds wrong is in its ``wrong``. Raises when the suite cannot be brought back."""
        result = Round(number, [fault.name for fault in faults])
        workers = self._workers()
        for worker in workers:
            worker.start()
        try:
            back = self._strike(result, faults)
        finally:
            for worker in workers:
                worker.stop()
            for worker in workers:
                worker.join()
        # A request that hung in the fault may end long after everything was back.
        late = max(0.0, time.monotonic() - back - AFTER_FAULT_SECONDS)
        waited, left = cluster.settle(seconds=SETTLE_SECONDS)
        result.caught_up = waited + late
        self._judge(result, workers, faults, left)
        return result

    def _strike(self, result: Round, faults: Sequence[Fault]) -> float:
        """Let the faults happen under load and await that all is back; gives when that was. The load goes on a
        little: a fault that is over at once is met by some of it, too."""
        time.sleep(self.dice.uniform(0.5, 2.5))
        struck = time.monotonic()
        for fault in faults:
            result.struck.append(fault.strike(self.dice))
        cluster.await_back([name for fault in faults for name in fault.waits_for], seconds=BACK_SECONDS)
        back = time.monotonic()
        result.away = back - struck
        time.sleep(AFTER_FAULT_SECONDS)
        return back

    def _workers(self) -> list[Worker]:
        with eventually(_manager, seconds=60, why="nobody can sign in") as manager:
            token = manager.headers["Authorization"]
        visible = invariants.published([f for own in self.families for f in own[:-FROZEN_AFTER]])
        common = (token, self.base_url)
        writers = [Writer(f"writer {n}", *common, families=f) for n, f in enumerate(self.families)]
        return [*writers, *(Reader(f"reader {n}", *common, visible=visible) for n in range(READERS))]

    def _judge(
        self, result: Round, workers: Sequence[Worker], faults: Sequence[Fault], left: dict[str, int]
    ) -> None:
        for worker in workers:
            result.counts.add(worker.counts)
            if worker.error is not None:
                result.wrong.append(f"{worker.name} broke: {worker.error!r}")
        if left:
            result.wrong.append(f"not settled after {SETTLE_SECONDS:g} s: {left}")
        result.wrong += [f"a valid request was refused: {text}" for text in result.counts.surprises]
        if all(fault.takes_read_store for fault in faults):
            result.wrong += [f"a read failed: {text}" for text in result.counts.failed_reads]
        touched = list({f.word: f for w in workers if isinstance(w, Writer) for f in w.touched}.values())
        result.wrong += invariants.nothing_acknowledged_is_lost(touched)
        result.wrong += invariants.the_store_shows_what_is_published(self.visitor, touched)
        result.wrong += invariants.nothing_is_left_behind()
        if result.number % FULL_CHECK_EVERY == 0:
            result.wrong += self.everything()

    def everything(self) -> list[str]:
        """Every family of every round, the replicas, and the whole store against the write side."""
        families = [family for own in self.families for family in own]
        return [
            *invariants.nothing_acknowledged_is_lost(families),
            *invariants.the_store_shows_what_is_published(self.visitor, families),
            *invariants.replicas_agree(),
            *invariants.stores_agree(),
        ]


def _manager() -> Api | None:
    """Signed in, or None while identity is not back."""
    try:
        return sign_in("manager")
    except Exception:
        return None
