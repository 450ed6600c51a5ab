"""Carrying out one external task: run the handler, keep the lock, tell the engine how it went."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING

import structlog
from django.conf import settings

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
from apps.observability.tracing import event_span
from apps.saga import context, retries
from apps.saga.errors import EngineFailed, EngineRefused, TaskLost
from apps.saga.registry import SagaStep, Step, Steps

if TYPE_CHECKING:
    from apps.saga.client import Engine
    from apps.saga.model import LockedTask
    from apps.saga.variables import JSON

log = structlog.get_logger(__name__)

BUSINESS = (ValidationFailed, Forbidden, NotFound, Conflict, PreconditionFailed, Locked)
"""Outcomes that trying again would not change: the saga undoes what it did."""

ANSWER_TRIES = 6


class Outcome(StrEnum):
    COMPLETED = "completed"
    REFUSED = "refused"
    FAILED = "failed"
    LOST = "lost"
    UNTOLD = "untold"
    """Done, but the engine could not be told: it gives the step out again when the lock has expired."""


def execute(task: LockedTask, steps: Steps, engine: Engine) -> Outcome:
    """Carry out a locked task. Raises nothing: whatever happens is told to the engine, or logged when it cannot be."""
    step = _step_of(task)
    with ExitStack() as stack:
        stack.enter_context(correlation.bound(step.correlation_id))
        stack.enter_context(
            structlog.contextvars.bound_contextvars(
                correlation_id=step.correlation_id, saga_step=step.topic, publication_id=step.publication_id
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
        outcome = _execute(task, step, steps[task.topic], engine)
        log.info("saga step", outcome=outcome.value, attempt=step.attempt)
        return outcome


def _execute(task: LockedTask, step: SagaStep, declared: Step, engine: Engine) -> Outcome:
    try:
        with _lock_kept(task, engine):
            variables = declared.handler(step) or {}
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


@contextmanager
def _lock_kept(task: LockedTask, engine: Engine) -> Iterator[None]:
    """Hold the task's lock while the block runs: extended whenever half of it is used up.

    Raises ``TaskLost`` at once when the task waited in the queue for too long.
    """
    half = settings.SAGA_LOCK_SECONDS / 2
    if task.expires_at - time.time() < half:
        engine.extend_lock(task, settings.SAGA_LOCK_SECONDS)
    done = threading.Event()

    def keep() -> None:
        from apps.saga.client import engine as own_connection

        while not done.wait(half):
            with suppress(EngineRefused, Unavailable):
                own_connection().extend_lock(task, settings.SAGA_LOCK_SECONDS)

    keeper = threading.Thread(target=keep, name=f"lock-{task.id}", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
