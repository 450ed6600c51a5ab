"""Which spans there are: traces begin with work, not without end, and below one that is not kept there is nothing."""

from __future__ import annotations

from collections import Counter

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBasedTraceIdRatio
from opentelemetry.trace import SpanKind

from apps.observability import sampling
from apps.observability.setup import provider
from tests.support.spans import STORED, UNKEPT, kept_spans, remote_parent


@pytest.fixture(autouse=True)
def _one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a test takes."""
    monkeypatch.setattr(sampling, "monotonic", lambda: 1.0)


@pytest.mark.parametrize("kind", [SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER, SpanKind.INTERNAL])
def test_a_poll_starts_no_trace_but_a_request_does(kind: SpanKind) -> None:
    with kept_spans() as (provider, exporter):
        start = provider.get_tracer("x").start_as_current_span
        with start("poll", kind=kind):
            pass
        assert exporter.get_finished_spans() == ()
        with start("GET", kind=SpanKind.SERVER), start("SELECT", kind=kind):
            pass
        assert [span.name for span in exporter.get_finished_spans()] == ["SELECT", "GET"]


def test_a_flood_of_requests_begins_a_bounded_number_of_traces() -> None:
    with kept_spans(per_second=5) as (provider, exporter):
        tracer = provider.get_tracer("x")
        for method in ["GET"] * 50 + ["POST"] * 50:
            with (
                tracer.start_as_current_span(method, kind=SpanKind.SERVER),
                tracer.start_as_current_span("SELECT"),
            ):
                pass
        begun = Counter(span.name for span in exporter.get_finished_spans())
        assert begun["SELECT"] == 5
        assert begun["GET"] == 1, "reads leave room for what changes something"
        exporter.clear()
        with remote_parent(STORED):
            for _ in range(20):
                tracer.start_span("GET", kind=SpanKind.SERVER).end()
        assert len(exporter.get_finished_spans()) == 20, "what began elsewhere goes on"


def _begun(ratio: float, per_second: int, roots: list[str]) -> Counter[str]:
    """How many of the ``roots`` are kept, by their name."""
    with kept_spans(per_second=per_second, sampler=ParentBasedTraceIdRatio(ratio)) as (provider, exporter):
        tracer = provider.get_tracer("x")
        for method in roots:
            tracer.start_span(method, kind=SpanKind.SERVER).end()
        return Counter(span.name for span in exporter.get_finished_spans())


def test_a_request_that_the_sampler_leaves_out_takes_no_place_of_one_that_it_keeps() -> None:
    begun = _begun(0.1, per_second=1000, roots=["GET"] * 1000)
    assert 60 <= begun["GET"] <= 150, "one in ten of a thousand, and two hundred might begin"


def test_no_more_begin_than_may_of_those_that_the_sampler_keeps() -> None:
    begun = _begun(0.5, per_second=10, roots=["GET"] * 100 + ["POST"] * 100)
    assert (begun["GET"], begun["POST"]) == (2, 8)


@pytest.mark.parametrize(("share", "begins"), [("0", False), ("1", True)])
def test_the_environment_says_how_many_requests_begin_a_trace(
    monkeypatch: pytest.MonkeyPatch, share: str, begins: bool
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", share)
    made = provider("pricing")
    with made.get_tracer("catalog").start_as_current_span("POST x", kind=SpanKind.SERVER) as span:
        assert span.is_recording() is begins
    made.shutdown()


def test_below_a_trace_that_is_not_kept_a_span_is_its_parent_again() -> None:
    with kept_spans() as (provider, exporter), remote_parent(UNKEPT):
        tracer, parent = provider.get_tracer("x"), trace.get_current_span()
        assert tracer.start_span("SELECT", kind=SpanKind.CLIENT) is parent
        with tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT) as span:
            assert span is trace.get_current_span() is parent
        assert exporter.get_finished_spans() == ()


def test_a_sampler_that_does_not_ask_the_parent_is_asked_for_each_span() -> None:
    with kept_spans(sampler=ALWAYS_ON) as (provider, exporter), remote_parent(UNKEPT):
        provider.get_tracer("x").start_span("SELECT", kind=SpanKind.CLIENT).end()
        assert [span.name for span in exporter.get_finished_spans()] == ["SELECT"]
