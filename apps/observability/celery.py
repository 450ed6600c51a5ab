"""Celery: the trace travels in the message; a task that carries one is a span of it, and every task is counted."""

from __future__ import annotations

from time import monotonic
from typing import Any

from celery.signals import task_postrun, task_prerun
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.propagate import inject

from apps.observability import metrics


class CeleryTracing(CeleryInstrumentor):
    """OpenTelemetry's instrumentor without its publish spans.

    It enters them at ``before_task_publish`` and never leaves them when the sending process does
    not know the task (``send_task``), so everything after would become their child.
    """

    def _trace_before_publish(self, *args: Any, **kwargs: Any) -> None:
        if headers := kwargs.get("headers"):
            inject(headers)

    @staticmethod
    def _trace_after_publish(*args: Any, **kwargs: Any) -> None:
        """Nothing to leave."""


_started: dict[str, float] = {}


def measure_tasks() -> None:
    """Count every task of this process, and how long it takes."""
    task_prerun.connect(_begin, weak=False, dispatch_uid="metrics")
    task_postrun.connect(_end, weak=False, dispatch_uid="metrics")


def _begin(task_id: str, **_: object) -> None:
    _started[task_id] = monotonic()


def _end(task_id: str, task: Any, state: str | None, **_: object) -> None:
    if (started := _started.pop(task_id, None)) is not None:
        metrics.TASKS.labels(task.name, state or "").observe(monotonic() - started)
