"""For tests only: a step of a running service made to fail in a chosen way.

Nothing here does anything unless ``SAGA_FAULTS`` is on, which only ``CATALOG_ENV=test`` does. Faults wait in the
broker, each for the next execution of a step: of one offering's publications, or of any.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from enum import StrEnum

from django.conf import settings

from apps.core.errors import Conflict
from apps.saga import broker
from apps.saga.errors import TaskLost
from apps.saga.registry import Handler, SagaStep
from apps.saga.variables import JSON

ANY = "any"
KEPT_SECONDS = 3600


class Fault(StrEnum):
    """What happens instead of, before, or after a step's effect."""

    REFUSE = "refuse"
    """A business refusal."""
    ERROR = "error"
    """A technical error."""
    HANG = "hang"
    """Its process stands still until the lock has expired, then goes on as if nothing had been."""
    KILL_BEFORE = "kill before"
    KILL_AFTER = "kill after"
    """The executing process is killed before or after the effect."""
    LOSE_COMPLETION = "lose completion"
    """The effect happens, and the engine never hears of it."""


def plant(topic: str, fault: Fault, times: int = 1, *, offering_id: str = ANY) -> None:
    """Let the next ``times`` executions of a step fail; call it with the settings of the suite under test.

    Raises ``RuntimeError`` outside a test environment.
    """
    key = _planted(topic, offering_id)
    with broker.client().pipeline() as pipe:
        pipe.rpush(key, *[fault.value] * times)
        pipe.expire(key, KEPT_SECONDS)
        pipe.execute()


def withdraw(topic: str, *, offering_id: str = ANY) -> None:
    """Whatever is still planted for a step is not any more."""
    broker.client().delete(_planted(topic, offering_id))


def _planted(topic: str, scope: str) -> str:
    if not settings.SAGA_FAULTS:
        raise RuntimeError("Faults are for CATALOG_ENV=test.")
    return _key(topic, scope)


def armed(handler: Handler) -> Handler:
    """The handler, which meets the faults that are planted for it."""
    if not settings.SAGA_FAULTS:
        return handler

    def meets_faults(step: SagaStep) -> Mapping[str, JSON] | None:
        fault = _next(step)
        _before(fault)
        answer = handler(step)
        if fault is Fault.KILL_AFTER:
            _die()
        if fault is Fault.LOSE_COMPLETION:
            raise TaskLost("planted: the completion is lost")
        return answer

    return meets_faults


def _next(step: SagaStep) -> Fault | None:
    for scope in (str(step.variables.get("offering_id")), ANY):
        if found := broker.client().lpop(_key(step.topic, scope)):
            return Fault(str(found))
    return None


def _before(fault: Fault | None) -> None:
    match fault:
        case Fault.REFUSE:
            raise Conflict("planted: refused")
        case Fault.ERROR:
            raise RuntimeError("planted: a technical error")
        case Fault.HANG:
            _freeze(2 * settings.SAGA_LOCK_SECONDS)
        case Fault.KILL_BEFORE:
            _die()


def _freeze(seconds: float) -> None:
    """Stop this process, the thread that keeps its locks included, and have it woken from outside."""
    waker = subprocess.Popen(["/bin/sh", "-c", f"sleep {seconds}; kill -CONT {os.getpid()}"])
    os.kill(os.getpid(), signal.SIGSTOP)
    waker.wait()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _key(topic: str, scope: str) -> str:
    return f"saga.fault.{topic}.{scope}"
