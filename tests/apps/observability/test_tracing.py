"""A stored traceparent is taken up again; what merely polls leaves no span; an exporter that is down costs nothing."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from time import perf_counter, sleep, time
from typing import Any, ClassVar
from uuid import uuid4

import httpx
import pytest
import requests
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from prometheus_client import REGISTRY

from apps.observability import setup, tracing
from apps.observability.setup import (
    _INSTRUMENTORS,
    PatientExporter,
    Sender,
    exporter,
    is_disabled,
    provider,
)
from apps.observability.span_redaction import discreet
from apps.observability.tracing import (
    HttpSpan,
    current_traceparent,
    event_span,
    past_span,
    span_context,
)
from config import env
from config.parts import NOWHERE
from tests.support import planted
from tests.support.spans import SPAN, STORED, TRACE, kept_spans, remote_parent
from tests.support.waiting import quickest


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    with kept_spans() as (provider, exporter):
        monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("catalog"))
        yield exporter


def test_an_event_span_is_a_child_of_the_stored_trace(spans: InMemorySpanExporter) -> None:
    with event_span("consume", STORED, subject="7"):
        inside = current_traceparent()
    (span,) = spans.get_finished_spans()
    assert inside == f"00-{TRACE}-{span.context.span_id:016x}-01"
    assert f"{span.parent.span_id:016x}" == SPAN
    assert span.attributes["subject"] == "7"


def test_spans_nest_and_the_context_is_left_as_it_was(spans: InMemorySpanExporter) -> None:
    with event_span("outer", STORED), event_span("inner"):
        pass
    inner, outer = spans.get_finished_spans()
    assert inner.parent.span_id == outer.context.span_id
    assert current_traceparent() == ""


def test_an_exception_marks_the_span_and_goes_on(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="no"), event_span("x", STORED):
        raise ValueError("no")
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is trace.StatusCode.ERROR


def test_a_batch_links_to_its_members_and_belongs_to_none(spans: InMemorySpanExporter) -> None:
    with event_span("drain", links=[STORED, "", "nonsense"]):
        pass
    (span,) = spans.get_finished_spans()
    assert [f"{link.context.trace_id:032x}" for link in span.links] == [TRACE]
    assert span.parent is None


@pytest.mark.parametrize(
    "text", ["", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", f"ff-{TRACE}-{SPAN}-01"]
)
def test_without_a_usable_trace_nothing_breaks_and_nothing_starts(
    spans: InMemorySpanExporter, text: str
) -> None:
    with event_span("x", text):
        assert not span_context(text).is_valid
    assert spans.get_finished_spans() == ()


def test_an_unsampled_trace_stays_unsampled(spans: InMemorySpanExporter) -> None:
    with event_span("x", f"00-{TRACE}-{SPAN}-00"):
        assert current_traceparent().endswith("-00")
    assert spans.get_finished_spans() == ()


def test_with_tracing_off_the_trace_is_still_passed_on() -> None:
    assert is_disabled()
    with event_span("x", STORED):
        assert current_traceparent() == STORED


@pytest.mark.parametrize("library", ["httpx", "requests"])
def test_what_was_searched_for_is_not_told_of_a_request(library: str) -> None:
    target, arguments = _INSTRUMENTORS[library]
    module, _, name = target.partition(":")
    instrumentor = getattr(import_module(module), name)()
    with kept_spans() as (made, exporter):
        instrumentor.instrument(tracer_provider=made, skip_dep_check=True, **arguments)
        try:
            ask = import_module(library).get
            with remote_parent(STORED), suppress(requests.ConnectionError, httpx.ConnectError):
                ask("http://suite:hunter2@127.0.0.1:9/api/v1/users?search=Anna+Meier")
        finally:
            instrumentor.uninstrument()
    (span,) = exporter.get_finished_spans()
    told = str(span.attributes["http.url"])
    assert told.endswith("@127.0.0.1:9/api/v1/users")
    assert not any(word in str(dict(span.attributes)) for word in ("Anna", "hunter2"))


def test_who_has_nobody_to_send_spans_to_makes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_ENV", "production")
    monkeypatch.delenv("OTEL_SDK_DISABLED", raising=False)
    assert not is_disabled()
    monkeypatch.setenv("ZIPKIN_URL", NOWHERE)
    assert is_disabled()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")
    assert not is_disabled()


def test_with_tracing_off_a_span_costs_next_to_nothing() -> None:
    def two_thousand() -> None:
        for _ in range(2_000):
            with event_span("x", STORED):
                pass

    _, seconds = quickest(two_thousand)
    assert seconds / 2_000 < 0.000_2


def test_an_exporter_that_is_down_is_one_line_per_outage(caplog: pytest.LogCaptureFixture) -> None:
    class Down(SpanExporter):
        answers: list[bool] = [False, False, True, False]

        def export(self, spans: object) -> SpanExportResult:
            if self.answers.pop(0):
                return SpanExportResult.SUCCESS
            raise requests.ConnectionError

    patient = PatientExporter(Down())
    results = [patient.export([ReadableSpan("a span")] * 5) for _ in range(4)]
    assert results.count(SpanExportResult.FAILURE) == 3
    said = [str(record.msg) for record in caplog.records if record.name == setup.__name__]
    assert [("exported again" in text, "not exported" in text) for text in said] == [
        (False, True),
        (True, False),
        (False, True),
    ]
    assert "10" in said[1], "how many are missing"


def _lost(reason: str) -> float:
    return REGISTRY.get_sample_value("catalog_spans_lost_total", {"reason": reason}) or 0.0


def test_spans_that_are_not_exported_are_counted() -> None:
    class Odd(SpanExporter):
        answers: ClassVar[list[Any]] = [
            SpanExportResult.SUCCESS,
            SpanExportResult.FAILURE,
            requests.ConnectionError(),
            TypeError("it cannot be written"),
        ]

        def export(self, spans: object) -> SpanExportResult:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

    patient, before = PatientExporter(Odd()), _lost("refused")
    for lost in (0, 3, 6):
        patient.export([ReadableSpan("a span")] * 3)
        assert _lost("refused") - before == lost
    with pytest.raises(TypeError):
        patient.export([ReadableSpan("a span")] * 3)
    assert _lost("refused") - before == 9


def test_spans_for_which_there_is_no_room_are_counted() -> None:
    class Kept(InMemorySpanExporter):
        free = threading.Event()

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            assert self.free.wait(10)
            return super().export(spans)

    exporter, before = Kept(), _lost("full")
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Sender(exporter, max_queue_size=8, max_export_batch_size=4))
    for _ in range(100):
        provider.get_tracer("x").start_span("x").end()
    exporter.free.set()
    assert provider.force_flush()
    sent = len(exporter.get_finished_spans())
    assert 8 <= sent <= 8 + 4
    assert abs(_lost("full") - before - (100 - sent)) <= 1, (
        "one may find room that was none when it was looked for"
    )
    provider.shutdown()


class Collector(BaseHTTPRequestHandler):
    """Takes spans as OTLP over HTTP or as Zipkin's JSON, or says no."""

    answers: ClassVar[list[int]] = []
    bodies: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.answers.pop(0)
        if status == HTTPStatus.OK:
            self.bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") else body)
        self.send_response(status if self.path in {"/v1/traces", "/api/v2/spans"} else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Collector]]:
    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    Collector.answers, Collector.bodies = [], []
    yield Collector
    server.shutdown()
    server.server_close()


def test_a_collector_gets_the_spans_and_its_refusals_are_one_line(
    collector: type[Collector], caplog: pytest.LogCaptureFixture
) -> None:
    collector.answers = [200, 400, 400, 200]
    made = provider("pricing")
    with made.get_tracer("catalog").start_as_current_span("publish", kind=SpanKind.SERVER) as span:
        pass
    patient = PatientExporter(exporter())
    results = [patient.export([span]) for _ in range(4)]
    assert [result is SpanExportResult.SUCCESS for result in results] == [True, False, False, True]
    assert len(collector.bodies) == 2
    assert all(b"publish" in body and b"pricing" in body for body in collector.bodies)
    said = [str(record.msg) for record in caplog.records if record.name == setup.__name__]
    assert len(said) == 2, said
    made.shutdown()


@pytest.mark.parametrize("receiver", ["a collector", "Zipkin"])
def test_no_secret_is_in_what_is_sent(
    collector: type[Collector], monkeypatch: pytest.MonkeyPatch, receiver: str
) -> None:
    """Zipkin asks nobody who he is, and an exception's text may have anything in it."""
    if receiver == "Zipkin":
        monkeypatch.setenv("ZIPKIN_URL", os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"])
        monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT")
    collector.answers = [200]
    text = f"cannot log in with password='{planted.SECRET}' at 7"
    exporting = BatchSpanProcessor(PatientExporter(exporter()), schedule_delay_millis=60_000)
    made = provider("pricing")
    made.add_span_processor(exporting)
    monkeypatch.setattr(tracing, "_tracer", made.get_tracer("catalog"))
    with HttpSpan.begin("GET prices", traceparent=STORED, believed=True) as request:
        request.finish("GET", f"/x/token={planted.SECRET}", 500, route="prices", failure=ValueError(text))
    with suppress(ValueError), event_span(f"call redis://:{planted.SECRET}@h", STORED, subject="17") as span:
        span.set_attribute("db.statement", f"ALTER ROLE a PASSWORD '{planted.SECRET}'")
        span.set_attribute("arguments", ["a", f"api_key={planted.SECRET}"])
        raise ValueError(text)
    made.shutdown()
    (body,) = collector.bodies
    sent = body.decode(errors="replace")
    assert planted.SECRET not in sent
    for kept in (
        *("cannot log in with password='[redacted]' at 7", "ALTER ROLE a PASSWORD '[redacted]'", "subject"),
        *("/x/token=[redacted]", "ValueError", "Traceback", "redis://:[redacted]@h"),
    ):
        assert kept in sent, kept


def test_an_ordinary_span_is_sent_as_it_is(spans: InMemorySpanExporter) -> None:
    with suppress(ValueError), event_span("consume", STORED, subject="7"):
        raise ValueError("no such price")
    (span,) = spans.get_finished_spans()
    assert discreet(span) is span


def test_of_a_span_that_tells_a_secret_the_rest_stays(spans: InMemorySpanExporter) -> None:
    said = f"token={planted.SECRET}"
    with suppress(ValueError), event_span("consume", STORED, links=[STORED], tries=2, subject=said):
        raise ValueError(said)
    (span,) = spans.get_finished_spans()
    told = discreet(span)
    assert planted.SECRET in span.to_json()
    assert told.to_json() == span.to_json().replace(planted.SECRET, "[redacted]")


PARENT = """
import os, subprocess, sys
from apps.core import correlation
from apps.observability.setup import setup_tracing
from apps.observability.tracing import HttpSpan, current_traceparent
setup_tracing("tree-parent")
with correlation.bound(sys.argv[1]):
    span = HttpSpan.begin("POST tree", traceparent="", wanted=True)
    with span:
        span.finish("POST", "/tree", 202)
        print(current_traceparent(), flush=True)
        subprocess.run([sys.executable, "-c", os.environ["CHILD"], current_traceparent(), sys.argv[1]], check=True)
"""
# Forks as Celery's pool does, after tracing was started; the poll before must leave nothing.
CHILD = """
import os, sys
import psycopg
from apps.core import correlation
from apps.observability.setup import setup_tracing
from apps.observability.tracing import event_span
from config import env
setup_tracing("tree-child")
def work():
    with psycopg.connect(f"{env.part_url('postgres')}/postgres") as connection:
        connection.execute("SELECT 'poll'")
        with correlation.bound(sys.argv[2]), event_span("consume Tree.v1", sys.argv[1], subject="7"):
            connection.execute("SELECT 'work'")
if pid := os.fork():
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
else:
    from opentelemetry import trace
    work()
    trace.get_tracer_provider().force_flush()
    os._exit(0)
"""


def run_tree(**environment: str) -> tuple[str, str, subprocess.CompletedProcess[str]]:
    click = f"tree-{uuid4().hex}"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PARENT, click],
        cwd=env.BASE_DIR,
        env={**os.environ, "OTEL_SDK_DISABLED": "false", "CHILD": CHILD, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return click, done.stdout.split("-")[1], done


def read_back(trace_id: str, count: int, *, seconds: float = 60) -> list[dict[str, object]]:
    """A trace's spans from Zipkin's API, waited for until ``count`` are there."""
    found: list[dict[str, object]] = []
    deadline = perf_counter() + seconds
    while perf_counter() < deadline:
        answer = requests.get(f"{env.part_url('zipkin')}/api/v2/trace/{trace_id}", timeout=60)
        if answer.ok and len(found := answer.json()) >= count:
            break
        sleep(0.1)
    return found


def test_one_trace_across_processes_and_a_fork_is_read_back_from_zipkin() -> None:
    click, trace_id, _ = run_tree()
    spans = {str(span["name"]): span for span in read_back(trace_id, 3)}
    assert set(spans) == {"post tree", "consume tree.v1", "select"}
    root, consumed, query = spans["post tree"], spans["consume tree.v1"], spans["select"]
    assert root.get("parentId") is None
    assert consumed["parentId"] == root["id"]
    assert query["parentId"] == consumed["id"]
    assert "work" in str(query["tags"])
    names = {name: span["localEndpoint"]["serviceName"] for name, span in spans.items()}  # type: ignore[index]
    assert names == {"post tree": "tree-parent", "consume tree.v1": "tree-child", "select": "tree-child"}
    found = requests.get(
        f"{env.part_url('zipkin')}/api/v2/traces",
        params={"annotationQuery": f"correlation_id={click}", "lookback": "600000"},
        timeout=60,
    ).json()
    assert [trace_[0]["traceId"] for trace_ in found] == [trace_id]


def test_a_collector_that_is_down_neither_slows_nor_breaks_the_work() -> None:
    _, _, done = run_tree(ZIPKIN_URL="http://127.0.0.1:9")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_a_collector_that_hangs_is_not_waited_for_while_working() -> None:
    class Hanging(SpanExporter):
        def export(self, spans: object) -> SpanExportResult:
            sleep(1)
            return SpanExportResult.SUCCESS

    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(PatientExporter(Hanging()), max_export_batch_size=8))
    started = perf_counter()
    for _ in range(100):
        with provider.get_tracer("x").start_as_current_span("x"):
            pass
    assert perf_counter() - started < 8, "of a hundred seconds"


def test_what_is_over_is_recorded_with_its_beginning(spans: InMemorySpanExporter) -> None:
    began = time() - 3
    past_span("relay", STORED, since=began, subscriber="store")
    past_span("relay", "", since=began)
    (span,) = spans.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == TRACE
    assert 3 <= (span.end_time - span.start_time) / 1e9 <= time() - began
