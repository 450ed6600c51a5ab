"""Traces: one per click, from the HTTP request through outbox, relay, Celery and saga to the projection.

Work carries its trace as a W3C ``traceparent`` text, stored with the event or the process and
taken up again with ``event_span``. When tracing is off everything here passes it on and records nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from apps.observability.sampling import as_root

_w3c = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("catalog")
type Attribute = str | int | float | bool


def current_traceparent() -> str:
    """The W3C traceparent of what is running now, to be stored with an event; empty outside any trace."""
    carrier: dict[str, str] = {}
    _w3c.inject(carrier)
    return carrier.get("traceparent", "")


def span_context(traceparent: str) -> trace.SpanContext:
    """The span that a traceparent names; an invalid one for an empty or malformed text."""
    return trace.get_current_span(_context_of(traceparent)).get_span_context()


@contextmanager
def remote_parent(traceparent: str) -> Iterator[None]:
    """Within this block spans (and calls, and published tasks) belong to the trace of ``traceparent``."""
    if not traceparent:
        yield
        return
    token = otel_context.attach(_context_of(traceparent, base=otel_context.get_current()))
    try:
        yield
    finally:
        otel_context.detach(token)


@contextmanager
def event_span(
    name: str,
    traceparent: str = "",
    *,
    links: Iterable[str] = (),
    **attributes: Attribute,
) -> Iterator[trace.Span]:
    """Run a block as one span: a child of ``traceparent``, or of the current span when that is empty.

    ``links`` are the traceparents of a batch's members; with them and without a parent the span
    starts a trace of its own. An exception that leaves the block marks the span as failed.
    """
    linked = [trace.Link(found) for text in links if (found := span_context(text)).is_valid]
    parent = (
        _context_of(traceparent, base=otel_context.get_current())
        if traceparent
        else otel_context.get_current()
    )
    with _tracer.start_as_current_span(
        name,
        context=as_root(parent) if linked else parent,
        kind=trace.SpanKind.CONSUMER if traceparent else trace.SpanKind.INTERNAL,
        links=linked,
        attributes=attributes,
    ) as span:
        yield span


def _context_of(traceparent: str, base: otel_context.Context | None = None) -> otel_context.Context:
    return _w3c.extract({"traceparent": traceparent}, context=base or otel_context.Context())
