"""Traces: one per click, from the HTTP request through outbox, relay, Celery and saga to the projection.

Work carries its trace as a W3C ``traceparent`` text, stored with the event or the process and
taken up again with ``event_span``. When tracing is off everything here passes it on and records nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import Token

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from apps.core.paths import shown
from apps.observability.logging import span_fields
from apps.observability.sampling import as_claimed, as_root

_w3c = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("catalog")
_NOWHERE = otel_context.Context()
type Attribute = str | int | float | bool


def current_traceparent() -> str:
    """The W3C traceparent of what is running now, to be stored with an event; empty outside any trace."""
    carrier: dict[str, str] = {}
    _w3c.inject(carrier)
    return carrier.get("traceparent", "")


def span_context(traceparent: str) -> trace.SpanContext:
    """The span that a traceparent names; an invalid one for an empty or malformed text."""
    return trace.get_current_span(_context_of(traceparent)).get_span_context()


def trace_id(traceparent: str) -> str:
    """The 32 hex digits of the trace; empty for an empty or malformed text."""
    context = span_context(traceparent)
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


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


def past_span(name: str, traceparent: str, *, since: float, **attributes: Attribute) -> None:
    """Record, as a child of ``traceparent``, what began at ``since`` (Unix seconds) and ends now; nothing without a
    trace."""
    if traceparent:
        started = int(since * 1e9)
        kind = trace.SpanKind.PRODUCER
        _tracer.start_span(
            name, context=_context_of(traceparent), kind=kind, attributes=attributes, start_time=started
        ).end()


class HttpSpan:
    """The span of one request that came in, or (at the gateway) of one that goes out.

    Without a trace what it passes on and tells is empty.
    """

    __slots__ = ("_span", "_token")

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._token: Token[otel_context.Context] | None = None

    @classmethod
    def begin(
        cls,
        name: str,
        *,
        traceparent: str,
        wanted: bool = True,
        believed: bool = False,
        tracer: trace.Tracer | None = None,
    ) -> HttpSpan:
        """Continue ``traceparent`` or start a trace; enter it around the request. Not ``wanted``: records nothing.

        Unless it is ``believed`` a ``traceparent`` keeps its trace id, but whether it is recorded counts as if it began
        here.
        """
        if not wanted:
            return cls(trace.INVALID_SPAN)
        parent = _context_of(traceparent) if traceparent else _NOWHERE
        if traceparent and not believed:
            parent = as_claimed(parent)
        return cls((tracer or _tracer).start_span(name, context=parent, kind=trace.SpanKind.SERVER))

    @classmethod
    def call(cls, name: str) -> HttpSpan:
        """A request to somebody else, as a part of what runs now; enter it around that. Where nothing is recorded it
        only passes the trace on."""
        current = trace.get_current_span()
        return cls(
            _tracer.start_span(name, kind=trace.SpanKind.CLIENT) if current.is_recording() else current
        )

    def __enter__(self) -> HttpSpan:
        if self._span.get_span_context().is_valid:
            self._token = otel_context.attach(trace.set_span_in_context(self._span))
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._token is not None:
            otel_context.detach(self._token)
            if kind is not None:
                self._span.set_attribute("error.type", kind.__name__)
                self._span.set_status(trace.StatusCode.ERROR)
            self._span.end()

    @property
    def fields(self) -> dict[str, str]:
        """What ties a log line to the span."""
        return span_fields(self._span.get_span_context())

    @property
    def traceparent(self) -> str:
        """What the next service gets."""
        found = self._span.get_span_context()
        if not found.is_valid:
            return ""
        ids = f"{trace.format_trace_id(found.trace_id)}-{trace.format_span_id(found.span_id)}"
        return f"00-{ids}-{found.trace_flags:02x}"

    @property
    def passed_on(self) -> list[tuple[str, str]]:
        """The headers by which whoever is asked goes on with the trace."""
        return [("traceparent", found)] if (found := self.traceparent) else []

    def finish(
        self, method: str, path: str, status: int, *, route: str = "", failure: BaseException | None = None
    ) -> None:
        """What became of the request; a 5xx marks the span as failed, by ``failure`` where one is known.

        With the ``route`` that it took the span is named after it. Names of attributes are OpenTelemetry's for HTTP.
        """
        if not self._span.is_recording():
            return
        told: dict[str, Attribute] = {
            "http.request.method": method,
            "url.path": shown(path),
            "http.response.status_code": status,
        }
        if route:
            told["http.route"] = route
            self._span.update_name(f"{method} {route}")
        self._span.set_attributes(told)
        if status >= 500:
            self._span.set_status(trace.StatusCode.ERROR)
            if failure is not None:
                self._span.record_exception(failure)


def _context_of(traceparent: str, base: otel_context.Context | None = None) -> otel_context.Context:
    return _w3c.extract({"traceparent": traceparent}, context=base or otel_context.Context())
