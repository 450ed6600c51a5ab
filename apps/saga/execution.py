"""Carrying out external tasks: run the handler, keep the lock, tell the engine how it went."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import structlog

from apps.core import correlation
from apps.core.errors import (
    Conflict,
    Forbidden,
    Locked,
    NotFound,
    PreconditionFailed,
    SuiteError,
    Unavailable,
    ValidationFailed,
)
from apps.observability import metrics
from apps.observability.tracing import event_span
from apps.saga import client, context, faults, retries
from apps.saga.errors import EngineFailed, EngineRefused, TaskLost
from apps.saga.locks import Locks
from apps.saga.registry import SagaStep, Step, Steps

if TYPE_CHECKING:
    from apps.saga.client import Engine
    from apps.saga.model import LockedTask
    from apps.saga.variables import JSON

log = structlog.get_logger(__name__)

BUSINESS = (ValidationFailed, Forbidden, NotFound, Conflict, PreconditionFailed, Locked)
"""Outcomes that trying again would not change: the saga undoes what it did."""

ANSWER_TRIES = 6
PATIENCE_SECONDS = 10.0
"""When the tasks of a message have taken so long together, what is left of them goes to whoever is free."""


class Outcome(StrEnum):
    COMPLETED = "completed"
    REFUSED = "refused"
    FAILED = "failed"
    LOST = "lost"
    UNTOLD = "untold"
    """Done, but the engine could not be told: it gives the step out again when the lock has expired."""
    GIVEN_BACK = "given back"


def execute(tasks: Sequence[LockedTask], steps: Steps, engine: Engine) -> list[Outcome]:
    """Carry out locked tasks, one after the other. Raises nothing: whatever happens is told to the engine, or logged
    when it cannot be."""
    started = time.monotonic()
    outcomes = []
    with Locks(tasks, engine, client.engine) as locks:
        for task in tasks:
            if not locks.holds(task):
                outcome = Outcome.LOST
            elif time.monotonic() - started > PATIENCE_SECONDS:
                locks.let_go(task)
                outcome = _give_back(task, engine)
            else:
                outcome = _traced(task, steps[task.topic], engine)
                locks.let_go(task)
            outcomes.append(outcome)
    return outcomes


def _give_back(task: LockedTask, engine: Engine) -> Outcome:
    with suppress(SuiteError):  # then its lock expires
        engine.unlock(task)
    return Outcome.GIVEN_BACK


def _traced(task: LockedTask, declared: Step, engine: Engine) -> Outcome:
    step = _step_of(task)
    with ExitStack() as stack:
        stack.enter_context(correlation.bound(step.correlation_id))
        stack.enter_context(
            structlog.contextvars.bound_contextvars(
                correlation_id=step.correlation_id,
                actor=step.actor.username,
                saga_step=step.topic,
                publication_id=step.publication_id,
            )
        )
        stack.enter_context(
            event_span(
                f"saga {step.topic}",
                step.traceparent,
                publication_id=step.publication_id,
                attempt=step.attempt,
            )
        )
        began = time.monotonic()
        outcome = _execute(task, step, declared, engine)
        metrics.SAGA_STEPS.labels(step.topic, outcome.value).observe(time.monotonic() - began)
        log.info("saga step", outcome=outcome.value, attempt=step.attempt)
        return outcome


def _execute(task: LockedTask, step: SagaStep, declared: Step, engine: Engine) -> Outcome:
    try:
        variables = faults.armed(declared.handler)(step) or {}
    except TaskLost:
        return Outcome.LOST
    except Exception as error:
        if isinstance(error, BUSINESS) and not declared.must_succeed:
            return _tell_refusal(task, error, engine)
        return _tell_failure(task, error, engine)
    return _tell_success(task, variables, engine)


def _step_of(task: LockedTask) -> SagaStep:
    return SagaStep(
        topic=task.topic,
        publication_id=task.business_key,
        process_id=task.process_id,
        variables=task.variables,
        attempt=retries.attempt_of(task.retries),
        actor=context.actor_of(task.variables),
        correlation_id=correlation.accept(context.text_of(task.variables, context.CORRELATION)),
        traceparent=context.text_of(task.variables, context.TRACEPARENT),
    )


def _tell_success(task: LockedTask, variables: Mapping[str, JSON], engine: Engine) -> Outcome:
    try:
        _tell(lambda: engine.complete(task, variables))
    except TaskLost:
        return Outcome.LOST
    except (
        EngineFailed,
        EngineRefused,
    ) as error:  # the diagram cannot go on from here, or a variable is wrong
        return _tell_failure(task, error, engine)
    except Unavailable as error:
        log.warning("step done, engine not told", reason=error.detail)
        return Outcome.UNTOLD
    return Outcome.COMPLETED


def _tell_refusal(task: LockedTask, error: SuiteError, engine: Engine) -> Outcome:
    log.info("saga step refused", reason=error.detail)
    try:
        _tell(lambda: engine.bpmn_error(task, error.slug, error.detail, {"failed_step": task.topic}))
    except TaskLost:
        return Outcome.LOST
    except SuiteError as untold:
        log.warning("step refused, engine not told", reason=untold.detail)
        return Outcome.UNTOLD
    return Outcome.REFUSED


def _tell_failure(task: LockedTask, error: Exception, engine: Engine) -> Outcome:
    left, delay = retries.after_failure(task.retries)
    message = f"{type(error).__name__}: {error}".strip()
    details = "".join(traceback.format_exception(error))
    log.warning("saga step failed", reason=message, retries=left, seconds=round(delay, 1))
    try:
        _tell(lambda: engine.failure(task, message, details, retries=left, delay_seconds=delay))
    except TaskLost:
        return Outcome.LOST
    except SuiteError as untold:
        log.warning("step failed, engine not told", reason=untold.detail)
        return Outcome.UNTOLD
    return Outcome.FAILED


def _tell(answer: Callable[[], None]) -> None:
    """Answer the engine; its optimistic lock and a short absence are tried again, for about 2 s."""
    for number in range(1, ANSWER_TRIES + 1):
        try:
            return answer()
        except Unavailable:
            if number == ANSWER_TRIES:
                raise
            time.sleep(0.03 * 2**number)
    return None
