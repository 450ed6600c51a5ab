"""Every step of the diagram fails in every way, all side by side, in a small world that keeps the services' promises.

The world's steps are idempotent and fenced as the real ones are; the engine and the diagram are real. The real
steps, with killed and frozen processes, are in ``tests/chaos/test_saga_faults.py``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from apps.core.errors import Conflict, Unavailable
from apps.core.ids import uuid7
from apps.saga.client import Engine
from apps.saga.errors import TaskLost
from apps.saga.execution import execute
from apps.saga.model import LockedTask
from apps.saga.registry import SagaStep
from tests.support.saga import AFTER, REFUSABLE, UNDO, Saga

LOCK_SECONDS = 1.0


class Way(StrEnum):
    REFUSED = "refused"
    BROKEN_ONCE = "broken once"
    BROKEN_FOR_EVER = "broken for ever"
    HUNG = "hung past its lock, then done after all"
    LOST_BEFORE = "lost before the effect"
    LOST_AFTER = "lost after the effect"


@dataclass
class World:
    """What the services would have of every publication."""

    rows: dict[str, str] = field(default_factory=dict)
    holds: set[str] = field(default_factory=set)
    entries: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    turn: threading.RLock = field(default_factory=threading.RLock)

    def carry_out(self, step: SagaStep) -> dict[str, Any] | None:
        with self.turn:
            act: Callable[[str], dict[str, Any] | None] = getattr(self, step.topic.replace("-", "_"))
            return act(step.publication_id)

    def _move(self, id_: str, before: str, after: str) -> None:
        if self.rows[id_] not in {before, after}:
            raise Conflict(f"{self.rows[id_]} cannot become {after}")
        self.rows[id_] = after

    def claim_publication(self, id_: str) -> None:
        self._move(id_, "REQUESTED", "RUNNING")

    def lock_prices(self, id_: str) -> None:
        if id_ in self.ended:
            raise Conflict("ended here")
        self.holds.add(id_)

    def validate_specifications(self, id_: str) -> None:
        """Reads only."""

    def create_store_entry(self, id_: str) -> None:
        if id_ in self.undone:
            raise Conflict("undone here")
        self.entries.add(id_)

    def confirm_publication(self, id_: str) -> None:
        if self.rows[id_] != "DONE":
            self._move(id_, "RUNNING", "CONFIRMED")

    def release_prices(self, id_: str) -> None:
        self.ended.add(id_)
        self.holds.discard(id_)

    unlock_prices = release_prices

    def finish_publication(self, id_: str) -> None:
        self._move(id_, "CONFIRMED", "DONE")

    def fail_publication(self, id_: str) -> dict[str, Any]:
        if self.rows[id_] in {"CONFIRMED", "DONE"}:
            return {"decision": "follow"}
        if self.rows[id_] != "FAILED":
            self._move(id_, "RUNNING", "FAILING")
        return {"decision": "undo"}

    def delete_store_entry(self, id_: str) -> None:
        self.undone.add(id_)
        self.entries.discard(id_)

    def revert_to_draft(self, id_: str) -> None:
        """And the event that tells pricing and the store."""
        self._move(id_, "FAILING", "FAILED")
        self.release_prices(id_)
        self.delete_store_entry(id_)


@dataclass(frozen=True)
class Cell:
    topic: str
    way: Way

    @property
    def expected(self) -> str:
        """The row's state at the end; with an incident where the step can never be done."""
        if self.way is Way.BROKEN_FOR_EVER and self.topic not in REFUSABLE[1:]:
            stands = dict.fromkeys(AFTER, "CONFIRMED") | dict.fromkeys(UNDO, "FAILING")
            stands |= {"claim-publication": "REQUESTED", "fail-publication": "RUNNING"}
            return f"{stands[self.topic]}, incident"
        if self.topic in UNDO or self.way is Way.BROKEN_FOR_EVER:
            return "FAILED"
        if self.way is Way.REFUSED and self.topic in REFUSABLE:
            return "REQUESTED" if self.topic == "claim-publication" else "FAILED"
        return "DONE"


class Trial:
    """All cells under way at once."""

    def __init__(self, saga: Saga) -> None:
        self.saga, self.world = saga, World()
        self.cells: dict[str, Cell] = {}
        self.processes: dict[str, str] = {}
        self.spent: set[str] = set()
        self.late: list[threading.Thread] = []
        for topic in saga.steps.topics:
            saga.behave[topic] = self.step

    def start(self, cell: Cell) -> None:
        id_ = str(uuid7())
        self.cells[id_], self.world.rows[id_] = cell, "REQUESTED"
        seconds = 4 if cell.way is Way.BROKEN_FOR_EVER and cell.topic in REFUSABLE else 600
        given = {"timeout": f"PT{seconds}S", "offering_id": str(uuid7())}
        self.processes[id_] = self.saga.engine.start(self.saga.key, id_, given)

    def step(self, step: SagaStep) -> dict[str, Any] | None:
        cell = self.cells[step.publication_id]
        if cell.topic in UNDO and step.topic == "confirm-publication":
            raise Conflict("something has to be undone")
        if step.topic == cell.topic:
            first = step.publication_id not in self.spent
            self.spent.add(step.publication_id)
            if cell.way is Way.BROKEN_FOR_EVER or (first and cell.way is Way.BROKEN_ONCE):
                raise RuntimeError("broken")
            if first and cell.way is Way.REFUSED:
                raise Conflict("refused")
        return self.world.carry_out(step)

    def serve(self, task: LockedTask) -> None:
        cell = self.cells[task.business_key]
        strikes = task.topic == cell.topic and task.business_key not in self.spent
        if not strikes or cell.way in {Way.REFUSED, Way.BROKEN_ONCE, Way.BROKEN_FOR_EVER}:
            execute([task], self.saga.steps, self.saga.engine)
            return
        self.spent.add(task.business_key)
        if cell.way is Way.LOST_AFTER:
            self.step(self._told(task))
        if cell.way is Way.HUNG:
            self.late.append(threading.Thread(target=self._act_late, args=(task,)))
            self.late[-1].start()

    def _told(self, task: LockedTask) -> SagaStep:
        return SagaStep(task.topic, task.business_key, task.process_id, task.variables)

    def _act_late(self, task: LockedTask) -> None:
        """Who hung does not know it: it has its effect, and answers for a task that may be another's by now, or that
        another answers for at the same moment, which the engine has both try again."""
        time.sleep(2.5 * LOCK_SECONDS)
        with suppress(Conflict, TaskLost, Unavailable):
            answer = self.step(self._told(task)) or {}
            Engine().complete(task, answer)

    def run(self, seconds: float) -> None:
        fetches, deadline = 0, time.monotonic() + seconds
        while time.monotonic() < deadline:
            fetches += 1
            tasks = self.saga.engine.fetch_and_lock(
                self.saga.topics,
                f"{self.saga.run}#{fetches}",
                max_tasks=20,
                lock_seconds=LOCK_SECONDS,
                wait_seconds=0.2,
            )
            for task in tasks:
                self.serve(self.saga.plain(task))
            if not tasks and not any(map(self.wrong, self.cells)):
                break
        for thread in self.late:
            thread.join()

    def outcome(self, id_: str) -> str:
        state = self.world.rows[id_]
        if self.cells[id_].expected.endswith("incident") and self.saga.engine.incidents(self.processes[id_]):
            return f"{state}, incident"
        return state

    def wrong(self, id_: str) -> list[str]:
        """What is not as it has to be at the end, or not yet."""
        if self.outcome(id_) != self.cells[id_].expected:
            return [self.outcome(id_)]
        if self.world.rows[id_] not in {"DONE", "FAILED"}:
            return []
        wrong = ["a hold leaked"] if id_ in self.world.holds else []
        if (id_ in self.world.entries) != (self.world.rows[id_] == "DONE"):
            wrong.append("the store differs")
        if any(one.running for one in self.saga.engine.instances(id_)):
            wrong.append("the process stands")
        return wrong


@pytest.mark.timeout(500)
def test_every_step_failing_in_every_way_has_one_outcome_and_nothing_is_left(
    saga: Saga, settings: Any
) -> None:
    settings.SAGA_LOCK_SECONDS = LOCK_SECONDS
    trial = Trial(saga)
    for topic, way in product((*REFUSABLE, *AFTER, *UNDO), Way):
        trial.start(Cell(topic, way))
    trial.run(seconds=400)
    assert {cell: found for id_, cell in trial.cells.items() if (found := trial.wrong(id_))} == {}
