"""A request is one span of its trace when the trace is kept; else it is only passed on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import DEFAULT_ON, ParentBasedTraceIdRatio, Sampler
from opentelemetry.trace import StatusCode

from apps.observability import sampling
from apps.observability.django import DjangoTracing
from apps.observability.tracing import current_traceparent, span_context
from tests.support.spans import SPAN, STORED, TRACE, UNKEPT, kept_spans, remote_parent

READS_PER_SECOND = 3


def _seen(request: HttpRequest, number: int | str) -> HttpResponse:
    return HttpResponse(current_traceparent())


def _broken(request: HttpRequest) -> HttpResponse:
    raise ValueError("it is broken")


def _missing(request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("things/<int:number>", _seen),
    path("ops/correlation/<path:number>", _seen),
    path("broken", _broken),
    path("missing", _missing),
]


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    with _traced(DEFAULT_ON, per_second=5 * READS_PER_SECOND) as exporter:
        yield exporter


@contextmanager
def _traced(sampler: Sampler, *, per_second: int) -> Iterator[InMemorySpanExporter]:
    with (
        kept_spans(sampler=sampler, per_second=per_second) as (provider, exporter),
        override_settings(MIDDLEWARE=[], ROOT_URLCONF=__name__),
    ):
        DjangoTracing().instrument(tracer_provider=provider, skip_dep_check=True)
        yield exporter
        DjangoTracing().uninstrument()


def _ask(**headers: str) -> str:
    """What the view saw as the current trace."""
    return Client().get("/things/7", headers=headers).content.decode()


def test_a_trace_that_is_kept_goes_on_in_the_request(spans: InMemorySpanExporter) -> None:
    seen = span_context(_ask(traceparent=STORED))
    (span,) = spans.get_finished_spans()
    assert (f"{seen.trace_id:032x}", seen.span_id) == (TRACE, span.context.span_id)
    assert f"{span.parent.span_id:016x}" == SPAN
    assert span.name == "GET things/<int:number>"
    assert span.attributes["http.route"] == "things/<int:number>"


def test_a_span_has_neither_the_query_nor_what_is_no_correlation_id(spans: InMemorySpanExporter) -> None:
    Client().get("/things/7?q=private")
    Client().get("/ops/correlation/<forged>")
    asked, forged = spans.get_finished_spans()
    assert asked.attributes["url.path"] == "/things/7"
    assert forged.attributes["url.path"] == "/ops/correlation/…"
    assert not [word for word in ("private", "forged") if word in asked.to_json() + forged.to_json()]


def test_a_trace_that_is_not_kept_is_passed_on_and_recorded_nowhere(spans: InMemorySpanExporter) -> None:
    assert _ask(traceparent=UNKEPT) == UNKEPT
    assert spans.get_finished_spans() == ()
    assert current_traceparent() == "", "nothing is left behind for the thread's next request"


def test_of_a_flood_without_traces_the_first_are_kept_and_all_have_one(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it takes, it is one second."""
    monkeypatch.setattr(sampling, "monotonic", lambda: 1.0)
    seen = [span_context(_ask(traceparent=text)) for text in ["", "nonsense"] * 15]
    assert all(one.is_valid for one in seen), (
        "its log lines are found together, and the next service keeps none"
    )
    assert len({one.trace_id for one in seen}) == len(seen)
    kept = [one for one in seen if one.trace_flags.sampled]
    assert {one.span_id for one in kept} == {span.context.span_id for span in spans.get_finished_spans()}
    assert len(kept) == READS_PER_SECOND


def test_the_sampler_is_asked_once_whether_a_request_begins_a_trace() -> None:
    with _traced(ParentBasedTraceIdRatio(0.5), per_second=10_000) as spans:
        seen = [span_context(_ask()) for _ in range(200)]
        kept = [one for one in seen if one.trace_flags.sampled]
        assert len(kept) == len(spans.get_finished_spans())
        assert 65 <= len(kept) <= 135, "a half, not a half of it"
    assert len({one.trace_id for one in seen}) == len(seen)


def test_a_request_that_fails_says_by_what_and_one_for_what_is_not_there_does_not(
    spans: InMemorySpanExporter,
) -> None:
    browser = Client(raise_request_exception=False)
    assert [browser.get(f"/{name}").status_code for name in ("broken", "missing", "unknown")] == [
        500,
        404,
        404,
    ]
    broken, missing, unknown = spans.get_finished_spans()
    assert [span.name for span in (broken, missing, unknown)] == ["GET broken", "GET missing", "GET"]
    assert broken.status.status_code is StatusCode.ERROR
    (said,) = broken.events
    assert said.attributes["exception.message"] == "it is broken"
    assert [(span.status.status_code, span.events) for span in (missing, unknown)] == [
        (StatusCode.UNSET, ())
    ] * 2


def test_a_page_of_a_process_that_has_a_span_already_gets_none(spans: InMemorySpanExporter) -> None:
    with remote_parent(STORED):
        _ask()
    assert spans.get_finished_spans() == ()


def test_a_probe_is_no_work(spans: InMemorySpanExporter) -> None:
    Client().get("/health/ready", headers={"traceparent": STORED})
    assert spans.get_finished_spans() == ()
