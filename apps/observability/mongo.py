"""pymongo: no work for a command whose trace nobody keeps."""

from __future__ import annotations

from typing import override

from opentelemetry import trace
from opentelemetry.instrumentation.pymongo import CommandTracer, PymongoInstrumentor
from pymongo import monitoring


class SparingCommandTracer(CommandTracer):
    """OpenTelemetry's listener, which gathers what it would say of a command before it asks whether anybody listens."""

    @override
    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if trace.get_current_span().get_span_context().trace_flags.sampled:
            super().started(event)

    @override
    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        if self._span_dict:
            super().succeeded(event)

    @override
    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        if self._span_dict:
            super().failed(event)


class MongoTracing(PymongoInstrumentor):
    """OpenTelemetry's instrumentor with the listener above, registered once."""

    @override
    def _instrument(self, **options: object) -> None:
        if self._commandtracer_instance is None:
            self._commandtracer_instance = SparingCommandTracer(trace.get_tracer(CommandTracer.__module__))
            monitoring.register(self._commandtracer_instance)
        super()._instrument(**options)
