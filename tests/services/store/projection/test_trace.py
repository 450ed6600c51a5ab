"""Events that are applied together: the work is in the trace of one that is kept, and each has a span in its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import elasticsearch._otel
import pytest
from opentelemetry.instrumentation.pymongo import CommandTracer
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from pymongo import client_options, monitoring
from pymongo.errors import OperationFailure

from apps.observability import tracing
from apps.observability.mongo import SparingListeners
from apps.outbox.envelope import CloudEvent
from catalog_services.store.projection import consume
from catalog_services.store.stores import elastic, mongo
from tests.services.store.conftest import Store
from tests.services.store.factories import OfferingState, event
from tests.support.spans import kept_spans, remote_parent


@pytest.fixture
def spans(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Tracing on in the consumer and in both stores' clients, which are made anew."""
    store.publish(("Offering", OfferingState()))  # there is a generation, and its index
    with kept_spans() as (provider, exporter), monkeypatch.context() as patched:
        tracer = provider.get_tracer("catalog")
        patched.setattr(tracing, "_tracer", tracer)
        patched.setattr(elasticsearch._otel, "_tracer", tracer)
        patched.setattr(mongo, "_clients", {})
        patched.setattr(elastic, "_clients", {})
        patched.setattr(client_options, "_EventListeners", SparingListeners)
        monitoring.register(listener := CommandTracer(tracer))
        yield exporter
        listener.is_enabled = False  # it cannot be taken away again
        mongo.close()
        elastic.close()


def _events(*flags: str) -> list[CloudEvent]:
    """An event of an offering for each, whose trace is kept (``01``) or not (``00``)."""
    return [
        replace(event("Offering", OfferingState()), traceparent=f"00-{uuid4().hex}-00f067aa0ba902b7-{flag}")
        for flag in flags
    ]


def _of(spans: InMemorySpanExporter, event: CloudEvent) -> list[ReadableSpan]:
    trace_id = int(event.traceparent.split("-")[1], 16)
    return [span for span in spans.get_finished_spans() if span.context.trace_id == trace_id]


def _systems(found: list[ReadableSpan]) -> set[object]:
    return {span.attributes["db.system"] for span in found if "db.system" in span.attributes}


def test_what_a_batch_does_is_in_the_trace_that_is_kept(spans: InMemorySpanExporter) -> None:
    before, kept, after = _events("00", "01", "00")
    assert [receipt.outcome for receipt in consume([before, kept, after])] == ["ack"] * 3
    found = _of(spans, kept)
    assert _systems(found) == {"mongodb", "elasticsearch"}
    assert "bulk" in {span.name for span in found}
    (consumed,) = [span for span in found if span.name.startswith("consume ")]
    assert [f"{link.context.trace_id:032x}" for link in consumed.links] == [
        one.traceparent.split("-")[1] for one in (before, after)
    ]
    assert len(found) == len(spans.get_finished_spans()), "of the others nothing is kept"


def test_of_several_that_are_kept_the_first_has_the_work_and_each_its_span(
    spans: InMemorySpanExporter,
) -> None:
    events = _events("00", "01", "01")
    consume(events)
    _, first, second = (_of(spans, one) for one in events)
    assert _systems(first) == {"mongodb", "elasticsearch"}
    (consumed,) = second
    assert consumed.name == f"consume {events[2].type}"
    assert consumed.attributes["subject"] == events[2].subject
    (working,) = [span for span in first if span.name.startswith("consume ")]
    assert consumed.context.span_id in {link.context.span_id for link in working.links}


def test_of_events_whose_traces_are_not_kept_nothing_is_recorded(spans: InMemorySpanExporter) -> None:
    consume(_events("00", "00"))
    assert spans.get_finished_spans() == ()


def test_a_command_that_fails_says_so_where_its_trace_is_kept(spans: InMemorySpanExporter) -> None:
    for flag in ("00", "01"):
        with remote_parent(f"00-{uuid4().hex}-00f067aa0ba902b7-{flag}"), pytest.raises(OperationFailure):
            mongo.reading().command("nonsense")
    (span,) = spans.get_finished_spans()
    assert span.name.endswith(".nonsense")
    assert span.status.status_code is StatusCode.ERROR


def test_pymongo_gathers_nothing_of_a_command_whose_trace_is_not_kept(
    spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: set[str] = set()
    monkeypatch.setattr(CommandTracer, "started", lambda _, event: told.add(event.command_name))
    for flag in ("00", "01"):
        with remote_parent(f"00-{uuid4().hex}-00f067aa0ba902b7-{flag}"):
            mongo.reading().command("ping" if flag == "01" else "hello")
    assert told == {"ping"}
