"""One id and one trace per click: taken when well-formed, made when not, told to the service and to the client."""

from __future__ import annotations

import json
import logging
from typing import Any
from uuid import UUID

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from apps.observability.logging import Batch
from config.services import SERVICES
from tests.services.gateway.conftest import Gateway
from tests.services.gateway.servers import Upstream, raw
from tests.support.ports import free_port
from tests.support.waiting import eventually

PATH = "/api/v1/prices"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_well_formed_correlation_id_is_kept_all_the_way(gateway: Gateway, upstream: Upstream) -> None:
    answer = gateway().get(PATH, headers={"X-Correlation-ID": "click-42.a:b_c"})
    assert upstream.service.last.all("x-correlation-id") == ["click-42.a:b_c"]
    assert answer.headers.get_list("x-correlation-id") == ["click-42.a:b_c"]


@pytest.mark.parametrize(
    "forged", ["", "two words", "a" * 65, "x" * 60_000, "<script>", "a;b", "é", "..", "."]
)
def test_a_malformed_correlation_id_is_replaced(gateway: Gateway, upstream: Upstream, forged: str) -> None:
    request = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nX-Correlation-ID: {forged}\r\n\r\n"
    answer = raw(gateway().base_url.port or 0, request.encode())
    sent = upstream.service.last.all("x-correlation-id")
    assert len(sent) == 1
    assert UUID(sent[0]).version == 7
    assert answer.headers.get_all("x-correlation-id") == sent


def test_the_services_own_correlation_header_does_not_double_ours(gateway: Gateway) -> None:
    answer = gateway().get(f"{PATH}/many", headers={"X-Correlation-ID": "ours"})
    assert answer.headers.get_list("x-correlation-id") == ["ours"]


def test_our_own_pages_carry_the_correlation_id_too(gateway: Gateway) -> None:
    answer = gateway().get("/nowhere", headers={"X-Correlation-ID": "click-1"})
    assert answer.headers.get_list("x-correlation-id") == ["click-1"]
    assert answer.json()["correlation_id"] == "click-1"


def test_without_tracing_an_incoming_trace_is_passed_on(gateway: Gateway, upstream: Upstream) -> None:
    gateway().get(PATH, headers={"traceparent": TRACEPARENT, "tracestate": "vendor=1"})
    assert upstream.service.last.all("traceparent") == [TRACEPARENT]
    assert upstream.service.last.all("tracestate") == ["vendor=1"]


def test_with_tracing_the_service_is_below_the_request_to_it_and_that_below_the_one_that_came(
    gateway: Gateway, upstream: Upstream, spans: InMemorySpanExporter
) -> None:
    gateway().get(PATH, headers={"traceparent": TRACEPARENT, "X-Correlation-ID": "click-9"})
    call, served = eventually(lambda: len(found := spans.get_finished_spans()) == 2 and found)
    assert (call.kind, served.kind) == (SpanKind.CLIENT, SpanKind.SERVER)
    (sent,) = upstream.service.last.all("traceparent")
    _, trace_id, parent, flags = sent.split("-")
    assert (trace_id, flags) == (TRACEPARENT.split("-")[1], "01")
    assert parent == f"{call.context.span_id:016x}"
    assert call.parent.span_id == served.context.span_id
    assert f"{served.parent.span_id:016x}" == TRACEPARENT.split("-")[2]
    for span in (call, served):
        assert span.attributes["correlation_id"] == "click-9"
        assert span.attributes["http.response.status_code"] == 200


def test_with_tracing_a_request_without_a_trace_starts_one(
    gateway: Gateway, upstream: Upstream, spans: InMemorySpanExporter
) -> None:
    gateway().get(PATH, headers={"traceparent": "00-nonsense-1-01"})
    _, served = eventually(lambda: len(found := spans.get_finished_spans()) == 2 and found)
    assert upstream.service.last.header("traceparent").split("-")[1] == f"{served.context.trace_id:032x}"
    assert served.parent is None


def test_a_trace_that_is_not_kept_is_passed_on_and_leaves_no_span(
    gateway: Gateway, upstream: Upstream, spans: InMemorySpanExporter
) -> None:
    gateway().get(PATH, headers={"traceparent": f"{TRACEPARENT[:-2]}00"})
    _, trace_id, _, flags = upstream.service.last.header("traceparent").split("-")
    assert (trace_id, flags) == (TRACEPARENT.split("-")[1], "00")
    assert not spans.get_finished_spans()


def test_a_service_that_is_not_there_is_a_failed_call_in_the_trace(
    gateway: Gateway, spans: InMemorySpanExporter
) -> None:
    nowhere = dict.fromkeys(SERVICES.keys() - {"gateway"}, f"http://127.0.0.1:{free_port()}")
    answer = gateway(GATEWAY_UPSTREAMS=nowhere).get(PATH, headers={"traceparent": TRACEPARENT})
    assert answer.status_code == 503
    call, served = eventually(lambda: len(found := spans.get_finished_spans()) == 2 and found)
    assert call.attributes["error.type"] == "ClientConnectorError"
    assert (call.status.status_code, served.status.status_code) == (StatusCode.ERROR, StatusCode.ERROR)


def test_probes_leave_no_span_and_no_line(
    gateway: Gateway, spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="access")
    gateway().get("/health")
    gateway().get("/")
    (line,) = eventually(lambda: access_lines(caplog))
    assert line["url.path"] == "/"
    assert len(spans.get_finished_spans()) == 1


def test_every_request_is_one_access_line_without_its_query(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="access")
    gateway().get(f"{PATH}/many?q=private", headers={"X-Correlation-ID": "click-3"})
    (fields,) = eventually(lambda: access_lines(caplog))
    assert fields["http.request.method"] == "GET"
    assert fields["url.path"] == f"{PATH}/many"
    assert fields["http.response.status_code"] == 418
    assert fields["duration_ms"] > 0
    assert "private" not in json.dumps(fields)


@pytest.mark.parametrize("place", ["/ops/c/", "/api/v1/pricing/ops/correlation/"])
@pytest.mark.parametrize("forged", ["forged%3Cscript%3E", "forged%0a", "forged/forged", "forged" * 10_000])
def test_what_is_no_correlation_id_is_in_no_line_and_in_no_span(
    gateway: Gateway,
    spans: InMemorySpanExporter,
    caplog: pytest.LogCaptureFixture,
    place: str,
    forged: str,
) -> None:
    caplog.set_level(logging.INFO, logger="access")
    raw(gateway().base_url.port or 0, f"GET {place}{forged} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    (line,) = eventually(lambda: access_lines(caplog))
    call, served = eventually(lambda: len(found := spans.get_finished_spans()) == 2 and found)
    assert line["url.path"] == f"{place}…"
    assert "forged" not in json.dumps(line)
    for span in (call, served):
        assert "forged" not in span.to_json()


def test_a_path_without_end_is_cut_in_the_line_and_in_the_span(
    gateway: Gateway, spans: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="access")
    path = "/nowhere/" + "x" * 60_000
    raw(gateway().base_url.port or 0, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    (line,) = eventually(lambda: access_lines(caplog))
    (span,) = eventually(spans.get_finished_spans)
    assert line["url.path"] == span.attributes["url.path"] == f"{path[:1_000]}…"


def access_lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    batches = (record.msg for record in caplog.records if record.name == "access")
    return [fields for batch in batches if isinstance(batch, Batch) for _, fields in batch]
