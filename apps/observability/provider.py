"""The tracer provider: what belongs to a trace that nobody keeps costs next to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, override

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased
from opentelemetry.util._decorator import _agnosticcontextmanager
from opentelemetry.util.types import Attributes

from apps.core import correlation
from apps.observability.sampling import OnlyWorkStartsATrace


class WorkTracerProvider(TracerProvider):
    """OpenTelemetry's provider, of whose traces only work begins one, ``per_second`` at most.

    OTEL_TRACES_SAMPLER and its ARG have chosen before. With a sampler that follows the parent (each that is named
    ``parentbased_``) a span below one that is not kept is that one again: OpenTelemetry asks the sampler for each and
    makes ids and a context for it, which was a twentieth of a short request, for every database call.
    """

    def __init__(self, *, per_second: int, **options: Any) -> None:
        super().__init__(**options)
        self._follows_parents = isinstance(self.sampler, ParentBased)
        self.sampler = OnlyWorkStartsATrace(self.sampler, per_second=per_second)
        self.add_span_processor(_CorrelationAttribute())

    @override
    def get_tracer(
        self,
        instrumenting_module_name: str,
        instrumenting_library_version: str | None = None,
        schema_url: str | None = None,
        attributes: Attributes = None,
    ) -> trace.Tracer:
        found = super().get_tracer(
            instrumenting_module_name, instrumenting_library_version, schema_url, attributes
        )
        return _FollowingTracer(found) if self._follows_parents else found


# What a span does when the block that it stands for raises: said to it and to who makes it current.
_OF_FAILURES = ("record_exception", "set_status_on_exception")


class _FollowingTracer(trace.Tracer):
    """A tracer that makes no span below one that is not kept."""

    def __init__(self, inner: trace.Tracer) -> None:
        self._inner = inner

    @override
    def start_span(
        self, name: str, context: Context | None = None, *arguments: Any, **options: Any
    ) -> trace.Span:
        parent = trace.get_current_span(context)
        known = parent.get_span_context()
        if known.is_valid and not known.trace_flags.sampled:
            return parent
        return self._inner.start_span(name, context, *arguments, **options)

    @override
    @_agnosticcontextmanager
    def start_as_current_span(
        self,
        name: str,
        context: Context | None = None,
        *arguments: Any,
        end_on_exit: bool = True,
        **options: Any,
    ) -> Iterator[trace.Span]:
        span = self.start_span(name, context, *arguments, **options)
        failing = {key: options[key] for key in _OF_FAILURES if key in options}
        with trace.use_span(span, end_on_exit=end_on_exit, **failing):
            yield span


class _CorrelationAttribute(SpanProcessor):
    """Every span carries the correlation id, so that a trace is found by the id a person has."""

    @override
    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        if correlation_id := correlation.current():
            span.set_attribute("correlation_id", correlation_id)
