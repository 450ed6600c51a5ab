"""Which step of a saga a service carries out: declared in its ``saga.py`` with ``@saga_step(topic)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apps.core.actor import SYSTEM, Actor
from apps.saga.variables import JSON


@dataclass(frozen=True, slots=True)
class SagaStep:
    """What a handler is told. Every write of a step is fenced by ``publication_id``: it may come twice, or late.

    ``variables`` are the process's own (``offering_id`` ..., and what earlier steps answered);
    ``attempt`` counts from 1.
    """

    topic: str
    publication_id: str
    process_id: str
    variables: Mapping[str, JSON]
    attempt: int = 1
    actor: Actor = SYSTEM
    correlation_id: str = ""
    traceparent: str = ""


Handler = Callable[[SagaStep], Mapping[str, JSON] | None]


@dataclass(frozen=True, slots=True)
class Step:
    """A handler and its topic. ``must_succeed``: an undo, or a step after the point of no return; nobody is there
    to take a business refusal, so whatever it raises is a technical failure: retried, at last an incident."""

    topic: str
    handler: Handler
    must_succeed: bool


class Steps:
    """The steps of one service."""

    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}

    def step(self, topic: str, *, must_succeed: bool = False) -> Callable[[Handler], Handler]:
        """Declare a handler. It gives the process variables to set, or None.

        What it raises decides: ``ValidationFailed``, ``NotFound``, ``Forbidden``, ``Conflict``, ``PreconditionFailed``
        and ``Locked`` are business outcomes (a BPMN error), everything else is retried by the engine.
        """

        def declare(handler: Handler) -> Handler:
            if topic in self._steps:
                raise ValueError(f"{topic} has a handler already.")
            self._steps[topic] = Step(topic, handler, must_succeed)
            return handler

        return declare

    @property
    def topics(self) -> list[str]:
        return list(self._steps)

    def __getitem__(self, topic: str) -> Step:
        return self._steps[topic]


STEPS = Steps()
saga_step = STEPS.step
