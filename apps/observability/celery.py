"""Celery: the trace travels in the message; a task that carries one is a span of it."""

from __future__ import annotations

from typing import Any

from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.propagate import inject


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
