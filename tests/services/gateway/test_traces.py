"""Who asks may name a trace, but nobody has more recorded than begin by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from apps.observability import sampling
from tests.services.gateway.conftest import Gateway, tracing_kept
from tests.services.gateway.servers import Upstream

PATH = "/api/v1/prices"
PROXIES = ["127.0.0.0/8", "10.0.0.0/8"]
PER_SECOND = 5


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """However long a test takes, it is one second."""
    monkeypatch.setattr(sampling, "monotonic", lambda: 1.0)
    with tracing_kept(monkeypatch, per_second=PER_SECOND) as exporter:
        yield exporter


def _flood(client: httpx.Client, method: str = "POST", flags: str = "01", **more: str) -> list[str]:
    """The trace ids of thirty requests that say they are sampled."""
    ids = [uuid4().hex for _ in range(30)]
    for id in ids:
        headers = {"traceparent": f"00-{id}-b7ad6b7169203331-{flags}", **more}
        assert client.request(method, PATH, headers=headers).is_success
    return ids


def _kept(spans: InMemorySpanExporter) -> set[str]:
    return {f"{span.context.trace_id:032x}" for span in spans.get_finished_spans()}


@pytest.mark.parametrize(("method", "most"), [("POST", PER_SECOND), ("GET", PER_SECOND // 5)])
def test_a_flood_of_sampled_requests_is_kept_as_far_as_traces_begin(
    gateway: Gateway, upstream: Upstream, spans: InMemorySpanExporter, method: str, most: int
) -> None:
    ids = _flood(gateway(), method)
    sent = [one.header("traceparent").split("-") for one in upstream.service.requests]
    assert [trace_id for _, trace_id, _, _ in sent] == ids, "each goes on by the id that it came with"
    kept = {trace_id for _, trace_id, _, flags in sent if flags == "01"}
    assert kept == _kept(spans)
    assert len(kept) == most
    assert {flags for _, trace_id, _, flags in sent if trace_id not in kept} == {"00"}


def test_a_visitor_behind_a_trusted_proxy_is_a_visitor(gateway: Gateway, spans: InMemorySpanExporter) -> None:
    _flood(gateway(GATEWAY_TRUSTED_PROXIES=PROXIES), **{"X-Forwarded-For": "10.0.0.9, 6.6.6.6"})
    assert len(_kept(spans)) == PER_SECOND


@pytest.mark.parametrize("forwarded", [{}, {"X-Forwarded-For": "10.0.0.9"}])
def test_what_a_trusted_proxy_asks_by_itself_is_always_kept(
    gateway: Gateway, spans: InMemorySpanExporter, forwarded: dict[str, str]
) -> None:
    ids = _flood(gateway(GATEWAY_TRUSTED_PROXIES=PROXIES), **forwarded)
    assert _kept(spans) == set(ids)


def test_what_is_not_sampled_takes_nobodys_place(gateway: Gateway, spans: InMemorySpanExporter) -> None:
    client = gateway()
    _flood(client, flags="00")
    _flood(client)
    assert len(_kept(spans)) == PER_SECOND
