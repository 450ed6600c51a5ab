"""The real diagram on the real engine, under a process key and topics of each test's own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from django.conf import settings as django_settings

from apps.core.actor import MANAGER, Actor
from apps.core.ids import uuid7
from apps.saga import context
from apps.saga.client import Engine
from apps.saga.execution import execute
from apps.saga.model import Instance, LockedTask
from apps.saga.registry import SagaStep, Steps
from config import env

DIAGRAM = Path(__file__).resolve().parents[2] / "bpmn" / "offering-publication.bpmn"
REFUSABLE = (
    "claim-publication",
    "lock-prices",
    "validate-specifications",
    "create-store-entry",
    "confirm-publication",
)
AFTER = ("release-prices", "finish-publication")
UNDO = ("fail-publication", "delete-store-entry", "unlock-prices", "revert-to-draft")
MUST_SUCCEED = {*AFTER, *UNDO}
REQUESTER = Actor(uuid7(), "mona", frozenset({MANAGER}))


class Saga:
    """One publication under test: fake steps that say what happened, driven by a worker of the test's own."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.run = f"t{uuid4().hex[:10]}"
        self.calls: list[str] = []
        self.told: dict[str, SagaStep] = {}
        self.behave: dict[str, Callable[[SagaStep], Mapping[str, Any] | None]] = {}
        self.steps = Steps()
        text = DIAGRAM.read_text()
        for topic in sorted(set(re.findall(r'camunda:topic="([^"]+)"', text))):
            self.steps.step(topic, must_succeed=topic in MUST_SUCCEED)(self._fake)
        text = re.sub(r'camunda:topic="([^"]+)"', lambda m: f'camunda:topic="{self.own(m[1])}"', text)
        self.path = folder / f"{self.key}.bpmn"
        self.path.write_text(text.replace('"offering-publication"', f'"{self.key}"'))
        engine.deploy(self.path)

    @property
    def key(self) -> str:
        return f"{self.run}-publication"

    def own(self, topic: str) -> str:
        return f"{self.run}.{topic}"

    @property
    def topics(self) -> list[str]:
        """The topics as the engine knows them."""
        return [self.own(topic) for topic in self.steps.topics]

    def plain(self, task: LockedTask) -> LockedTask:
        """A fetched task with its topic as the diagram has it."""
        return replace(task, topic=task.topic.removeprefix(f"{self.run}."))

    def _fake(self, step: SagaStep) -> Mapping[str, Any] | None:
        topic = step.topic
        self.calls.append(topic)
        self.told[topic] = step
        default = {"decision": "undo"} if topic == "fail-publication" else None
        return self.behave[topic](step) if topic in self.behave else default

    def start(self, timeout: str = "PT60S", **variables: Any) -> str:
        self.publication_id = str(uuid7())
        given = {"timeout": timeout, "offering_id": str(uuid7()), **context.carried(REQUESTER), **variables}
        self.process_id = self.engine.start(self.key, self.publication_id, given)
        return self.process_id

    def work(
        self, *, until: Callable[[], bool] | None = None, seconds: float = 60, engine: Engine | None = None
    ) -> None:
        """Serve every topic until the process has ended (or ``until``); fails after ``seconds``."""
        deadline = time.monotonic() + seconds
        finished = until or (lambda: not self.instance.running)
        fetches = 0
        while not finished():
            assert time.monotonic() < deadline, f"not finished; calls: {self.calls}"
            fetches += 1
            for task in self.engine.fetch_and_lock(
                self.topics,
                f"{self.run}#{fetches}",
                max_tasks=1,
                lock_seconds=django_settings.SAGA_LOCK_SECONDS,
                wait_seconds=0.3,
            ):
                execute([self.plain(task)], self.steps, engine or self.engine)

    @property
    def instance(self) -> Instance:
        (found,) = [one for one in self.engine.instances(self.publication_id) if one.id == self.process_id]
        return found

    @property
    def end(self) -> str:
        """The id of the process's own end event."""
        ends = {a.id for a in self.engine.activities(self.process_id) if a.type == "noneEndEvent"}
        (found,) = ends & {"published", "failed", "superseded"}
        return found

    def incidents(self) -> list[str]:
        return [incident.activity for incident in self.engine.incidents(self.process_id)]

    def close(self) -> None:
        for row in requests.get(
            f"{env.part_url('camunda')}/deployment", {"name": self.key}, timeout=60
        ).json():
            requests.delete(
                f"{env.part_url('camunda')}/deployment/{row['id']}", params={"cascade": "true"}, timeout=60
            )
