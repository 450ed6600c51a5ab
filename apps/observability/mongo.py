"""pymongo: a command whose trace nobody keeps goes the way of one that nobody listens to."""

from __future__ import annotations

from typing import override

from opentelemetry import trace
from opentelemetry.instrumentation.pymongo import PymongoInstrumentor
from pymongo import client_options, monitoring


class SparingListeners(monitoring._EventListeners):
    """Who is told of a client's commands.

    pymongo asks at each whether there is anybody, before it gathers what it would tell. By itself it does so for all of
    them once there is a listener, which was a twentieth of a short request.
    """

    @property
    @override
    def enabled_for_commands(self) -> bool:
        kept = trace.get_current_span().get_span_context().trace_flags.sampled
        return kept and super().enabled_for_commands


class MongoTracing(PymongoInstrumentor):
    """OpenTelemetry's instrumentor, for clients that are made from now on."""

    @override
    def _instrument(self, **options: object) -> None:
        client_options._EventListeners = SparingListeners  # type: ignore[attr-defined]
        super()._instrument(**options)
