"""Starting OpenTelemetry in a process: the provider, the exporter and the libraries that are traced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any, override

import requests
import structlog
import wrapt
from opentelemetry import trace
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from apps.core import http
from apps.observability import metrics
from apps.observability.provider import WorkTracerProvider
from apps.observability.span_redaction import discreet
from config import env

log = structlog.get_logger(__name__)
EXPORT_TIMEOUT_SECONDS = 3


def _without_query(span: trace.Span, _request: object) -> None:
    """Of a URL that was asked for its path alone is told: what somebody searched for stands behind it."""
    if isinstance(span, ReadableSpan) and span.is_recording():
        for key in ("http.url", "url.full"):
            if key in (told := span.attributes or {}):
                span.set_attribute(key, str(told[key]).partition("?")[0])


# Library -> its instrumentor and the arguments of instrument(); applied when (and only when) a process
# imports the library. elasticsearch traces itself; its web calls do not go through requests.
_INSTRUMENTORS: dict[str, tuple[str, dict[str, Any]]] = {
    # Behind the correlation middleware.
    "django.core.handlers.base": ("apps.observability.django:DjangoTracing", {"middleware_position": 1}),
    "psycopg": ("opentelemetry.instrumentation.psycopg:PsycopgInstrumentor", {}),
    "celery.app.base": ("apps.observability.celery:CeleryTracing", {}),
    "pymongo": ("apps.observability.mongo:MongoTracing", {}),
    "redis": ("opentelemetry.instrumentation.redis:RedisInstrumentor", {}),
    "requests": (
        "opentelemetry.instrumentation.requests:RequestsInstrumentor",
        {"request_hook": _without_query},
    ),
    "httpx": (
        "opentelemetry.instrumentation.httpx:HTTPXClientInstrumentor",
        {"request_hook": _without_query},
    ),
}


def setup_tracing(service_name: str) -> None:
    """Start tracing in this process, once; does nothing when OTEL_SDK_DISABLED (the default in tests).

    Spans leave in the background: an exporter that is down or slow costs the caller nothing. A fork
    (Celery's pool) goes on with a sender thread of its own.
    """
    if is_disabled() or isinstance(trace.get_tracer_provider(), TracerProvider):
        return
    made = provider(service_name)
    made.add_span_processor(Sender(PatientExporter(exporter())))
    trace.set_tracer_provider(made)
    for library, (target, arguments) in _INSTRUMENTORS.items():
        wrapt.register_post_import_hook(partial(_instrument, target, arguments), library)


def provider(service_name: str) -> TracerProvider:
    """Which spans there are and what each carries; OTEL_TRACES_SAMPLER and its ARG have chosen before."""
    # Traces that a process begins in a second at most, a fifth of it for what only reads; one that
    # comes in sampled is always kept, at the gateway only from a trusted proxy.
    per_second = env.env.int("TRACES_PER_SECOND", default=50)
    return WorkTracerProvider(per_second=per_second, resource=Resource.create({SERVICE_NAME: service_name}))


def is_disabled() -> bool:
    """OpenTelemetry's own switch; tests are quiet unless they ask, and so is who has nobody to send spans to."""
    return env.env.bool("OTEL_SDK_DISABLED", default=env.environment() == "test" or not has_receiver())


def has_receiver() -> bool:
    """Whether there is a collector, or Zipkin."""
    return bool(collector()) or not env.part_is_absent("zipkin")


def collector() -> str:
    """A collector that speaks OTLP over HTTP; without it spans go to Zipkin."""
    return env.env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")


def exporter() -> SpanExporter:
    """OTLP over HTTP when OTEL_EXPORTER_OTLP_ENDPOINT is set, else Zipkin's JSON."""
    session = http.Session(trust_env=http.is_far(collector()))
    # No pooled connection: one that a fork shares with its parent would mix two streams.
    session.headers["Connection"] = "close"
    if collector():
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter(timeout=EXPORT_TIMEOUT_SECONDS, session=session)
    from opentelemetry.exporter.zipkin.json import ZipkinExporter

    return ZipkinExporter(
        endpoint=f"{env.part_url('zipkin')}/api/v2/spans", timeout=EXPORT_TIMEOUT_SECONDS, session=session
    )


class Sender(BatchSpanProcessor):
    """Sends spans some at a time; counts those for which there was no room, as too many waited."""

    @override
    def on_end(self, span: ReadableSpan) -> None:
        waiting = self._batch_processor._queue
        if len(waiting) == waiting.maxlen:
            metrics.SPANS_LOST.labels("full").inc()
        super().on_end(span)


class PatientExporter(SpanExporter):
    """An exporter whose outage is two log lines, how it began and what it cost, not some every five seconds.

    Every span of the suite leaves through it, and by it none that tells a secret.
    """

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result, reason = SpanExportResult.FAILURE, "refused, or no answer"
        try:
            result = self._inner.export([discreet(span) for span in spans])
        except requests.RequestException as error:
            reason = type(error).__name__
        finally:
            if result is SpanExportResult.FAILURE:
                metrics.SPANS_LOST.labels("refused").inc(len(spans))
        if result is SpanExportResult.FAILURE:
            if not self._lost:
                log.warning("traces are not exported", reason=reason)
            self._lost += len(spans)
        elif self._lost:
            log.warning("traces are exported again", lost_spans=self._lost)
            self._lost = 0
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)


def _instrument(target: str, arguments: dict[str, Any], _: object) -> None:
    module, name = target.split(":")
    instrumentor: Callable[[], Any] = getattr(import_module(module), name)
    instrumentor().instrument(skip_dep_check=True, **arguments)
