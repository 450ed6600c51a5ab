"""Django: the request's span, at next to no cost for a request whose trace nobody keeps."""

from __future__ import annotations

from typing import override

from django.http import HttpRequest, HttpResponse
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.django.middleware.otel_middleware import _DjangoMiddleware
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

from apps.core.paths import shown
from apps.observability.sampling import OnlyWorkStartsATrace, chosen
from apps.observability.tracing import span_context

_ids = RandomIdGenerator()


class TracingMiddleware(_DjangoMiddleware):
    """OpenTelemetry's middleware for what is recorded.

    It gathers a request's attributes before it asks the sampler, which was a quarter of the time of a short request.
    So whether a trace is kept is asked first: what is not gets its ids, for the log lines and the next service.
    """

    @override
    def __call__(self, request: HttpRequest) -> HttpResponse:
        unkept = _unkept(request)
        if unkept is None:
            return super().__call__(request)  # type: ignore[no-untyped-call]
        token = otel_context.attach(trace.set_span_in_context(trace.NonRecordingSpan(unkept)))
        try:
            return self.get_response(request)
        finally:
            otel_context.detach(token)

    @override
    def process_request(self, request: HttpRequest) -> None:
        with chosen():
            super().process_request(request)  # type: ignore[no-untyped-call]
        span = request.META.get(self._environ_span_key)
        if span is not None and span.is_recording():
            # As in the access line: without the query, and without what is no correlation id.
            path = shown(request.path)
            span.set_attributes(
                {"http.target": path, "http.url": f"{request.scheme}://{request.get_host()}{path}"}
            )

    @override
    def process_view(self, request: HttpRequest, view_func: object, *args: object, **kwargs: object) -> None:
        if self._environ_span_key in request.META:
            super().process_view(request, view_func, *args, **kwargs)  # type: ignore[no-untyped-call]


def _unkept(request: HttpRequest) -> trace.SpanContext | None:
    """The context of a request of which nothing is recorded; None for one that is."""
    traceparent = request.META.get("HTTP_TRACEPARENT", "")
    parent = span_context(traceparent) if traceparent else trace.INVALID_SPAN_CONTEXT
    if parent.is_valid:
        return None if parent.trace_flags.sampled else parent
    sampler = getattr(trace.get_tracer_provider(), "sampler", None)
    trace_id = _ids.generate_trace_id()
    if isinstance(sampler, OnlyWorkStartsATrace) and not sampler.would_begin(trace_id, request.method or ""):
        return trace.SpanContext(trace_id, _ids.generate_span_id(), is_remote=False)
    return None


class DjangoTracing(DjangoInstrumentor):
    """OpenTelemetry's instrumentor, putting in the middleware above."""

    _opentelemetry_middleware = f"{TracingMiddleware.__module__}.{TracingMiddleware.__qualname__}"
