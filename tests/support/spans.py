"""Tracing as in a process of the suite, with the spans kept in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Sampler
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from apps.observability.provider import WorkTracerProvider

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
STORED = f"00-{TRACE}-{SPAN}-01"
"""The traceparent of somebody's span, in a trace that is kept."""
UNKEPT = f"00-{TRACE}-{SPAN}-00"


@contextmanager
def remote_parent(traceparent: str) -> Iterator[None]:
    """Within this block spans (and calls, and published tasks) belong to the trace of ``traceparent``."""
    found = TraceContextTextMapPropagator().extract({"traceparent": traceparent}, context.get_current())
    token = context.attach(found)
    try:
        yield
    finally:
        context.detach(token)


@contextmanager
def kept_spans(
    *, per_second: int = 1000, sampler: Sampler | None = None
) -> Iterator[tuple[WorkTracerProvider, InMemorySpanExporter]]:
    """A provider, and what its spans come to; without a ``sampler`` the one that the environment names."""
    exporter = InMemorySpanExporter()
    provider = WorkTracerProvider(per_second=per_second, sampler=sampler, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider, exporter
    provider.shutdown()
