"""What the glass box makes of what it is told."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from apps.admin_kit import neighbours
from apps.core.ids import uuid7
from catalog_services.identity.ops import logs
from catalog_services.identity.ops.hops import told
from catalog_services.identity.ops.logs import SHOWN
from catalog_services.identity.ops.traces import MOST_SPANS, waterfall
from config import env

PATIENCE_SECONDS = 60.0


def span(id_: str, parent: str = "", *, at: int = 0, long: int = 1, **more: Any) -> dict[str, Any]:
    place = {"localEndpoint": {"serviceName": "offering"}, "name": id_}
    return {"id": id_, "parentId": parent, "timestamp": 10**15 + at, "duration": long, **place, **more}


def test_parents_stand_before_their_children_and_those_by_their_beginning():
    spans = [span("c", "a", at=50), span("d", "b", at=20), span("b", "a", at=10), span("a", long=100)]
    trace = waterfall("t", spans)
    assert [(bar.name, bar.depth) for bar in trace.bars] == [("a", 0), ("b", 1), ("d", 2), ("c", 1)]


def test_a_bar_is_where_its_time_is_in_the_whole():
    whole, part = waterfall("t", [span("a", long=200), span("b", "a", at=50, long=100)]).bars
    assert (whole.left, whole.width) == (0, 100)
    assert (part.left, part.width, part.milliseconds) == (25, 50, 0.1)


def test_a_span_without_its_parent_or_that_is_its_own_is_shown():
    bars = waterfall("t", [span("a", "never sent"), span("b", "b", at=5)]).bars
    assert [(bar.name, bar.depth) for bar in bars] == [("a", 0), ("b", 0)]


def test_spans_that_go_in_a_circle_end():
    assert [bar.name for bar in waterfall("t", [span("a"), span("b", "c"), span("c", "b")]).bars] == ["a"]


def test_a_failed_span_is_marked_and_of_a_huge_trace_a_part_is_shown():
    spans = [span("a", tags={"error": "no"}), *(span(str(n), "a", at=n) for n in range(MOST_SPANS + 9))]
    trace = waterfall("t", spans)
    assert trace.bars[0].failed
    assert not trace.bars[1].failed
    assert (len(trace.bars), trace.left_out) == (MOST_SPANS, 10)


def event(id_: str, at: str, **delivery: Any) -> dict[str, Any]:
    fields = {"subscriber": "store", "state": "done", "attempts": 0, "resends": 0, "reason": ""}
    times = {"sent_at": None, "settled_at": None}
    rest = {"type": "catalog.pricing.PriceUpdated.v1", "subject": "p", "version": 2, "actor": "mia"}
    return {"id": id_, "created_at": at, **rest, "deliveries": [{**fields, **times, **delivery}]}


def test_events_of_all_services_stand_in_the_order_of_their_time_each_with_its_lags():
    found = {
        "pricing": [event("late", "2026-01-01T00:00:01.500Z", sent_at="2026-01-01T00:00:01.504Z")],
        "offering": [event("first", "2026-01-01T00:00:00+00:00", settled_at="2026-01-01T00:00:00.250+00:00")],
    }
    first, late = told(found, {("store", "late"): "2026-01-01T00:00:01.600Z"})
    assert (first.id, first.service, first.after) == ("first", "offering", 0)
    assert (late.id, late.after) == ("late", 1500)
    assert (first.hops[0].sent, first.hops[0].answered) == (None, 250)
    assert (late.hops[0].sent, late.hops[0].applied, late.hops[0].answered) == (4, 100, None)


def found_lines(*sources: dict[str, Any]) -> dict[str, Any]:
    """What Elasticsearch answers when these are all."""
    hits = [{"_id": str(number), "_source": source} for number, source in enumerate(sources)]
    shards = {"total": 2, "successful": 2, "skipped": 0, "failed": 0}
    found = {"total": {"value": len(hits)}, "hits": hits}
    return {"timed_out": False, "_shards": shards, "hits": found}


def test_a_line_is_read_however_its_fields_are_nested(monkeypatch):
    flat = {
        "@timestamp": "2026-01-01T00:00:00Z",
        "service.name": "pricing",
        "log.level": "info",
        "message": "request",
        "http.request.method": "GET",
        "url.path": "/x",
        "http.response.status_code": 200,
        "duration_ms": 2.5,
    }
    nested = {
        "@timestamp": "2026-01-01T00:00:00Z",
        "service": {"name": "pricing"},
        "log": {"level": "info"},
        "message": "request",
        "http": {"request": {"method": "GET"}, "response": {"status_code": 200}},
        "url": {"path": "/x"},
        "duration_ms": 2.5,
    }
    monkeypatch.setattr(logs.elsewhere, "answer", lambda *_, **__: found_lines(flat, nested))
    found = logs.lines("x")
    assert found
    one, other = found.shown
    assert one == other
    assert (one.request, one.milliseconds, one.service) == ("GET /x 200", 2.5, "pricing")


@pytest.mark.parametrize("duration", ["n/a", -1, float("nan"), float("inf"), 1e300, 10**400, [2.5]])
def test_a_line_whose_duration_is_none_is_shown_without(monkeypatch, duration):
    line = {"message": "request", "duration_ms": duration}
    monkeypatch.setattr(logs.elsewhere, "answer", lambda *_, **__: found_lines(line))
    found = logs.lines("x")
    assert found
    assert [(line.message, line.milliseconds) for line in found.shown] == [("request", None)]


@pytest.mark.parametrize(
    "partly",
    [
        {"timed_out": True},
        {"_shards": {"total": 3, "successful": 1, "skipped": 0, "failed": 2}},
        {"_shards": {"total": 3, "successful": 2, "skipped": 0, "failed": 0}},
    ],
)
def test_what_a_part_of_the_log_store_tells_is_not_taken_for_the_whole(monkeypatch, partly):
    answers = [found_lines({"message": "request"})]
    monkeypatch.setattr(logs.elsewhere, "answer", lambda *_, **__: answers.pop())
    assert logs.lines("x").is_whole
    answers.append({**found_lines({"message": "request"}), **partly})
    found = logs.lines("x")
    assert ([line.message for line in found.shown], found.is_whole) == (["request"], False)


def test_nor_are_many_lines_when_it_tells_a_part_of_what_went_wrong(monkeypatch):
    first, severe = found_lines({"message": "request"}), {**found_lines(), "timed_out": True}
    first["hits"]["total"]["value"] = 3
    answers = [severe, first]
    monkeypatch.setattr(logs.elsewhere, "answer", lambda *_, **__: answers.pop())
    assert not logs.lines("x").is_whole


@pytest.fixture
def log_index(monkeypatch):
    """An index in Elasticsearch for the lines of one test; it may be busy with other tests."""
    name = f"glass-box-{uuid7()}"
    monkeypatch.setattr(logs, "INDEX", f"{name}*")
    monkeypatch.setattr(neighbours.client(), "timeout", PATIENCE_SECONDS)
    with httpx.Client(base_url=env.part_url("elasticsearch"), timeout=PATIENCE_SECONDS) as client:
        fields = {"@timestamp": {"type": "date"}, "correlation_id": {"type": "keyword"}}
        levels = {"log": {"properties": {"level": {"type": "keyword"}}}}
        made = client.put(f"/{name}", json={"mappings": {"properties": fields | levels}})
        made.raise_for_status()
        yield lambda documents: client.post(
            f"/{name}/_bulk?refresh=true",
            content="".join(f'{{"create": {{}}}}\n{json.dumps(each)}\n' for each in documents),
            headers={"Content-Type": "application/x-ndjson"},
        ).raise_for_status()
        client.delete(f"/{name}")


def test_of_many_lines_the_first_are_shown_and_what_went_wrong_later(log_index):
    wrong = {2: "error", SHOWN + 3: "warning", SHOWN + 5: "critical"}
    log_index(
        {
            "@timestamp": f"2026-01-01T00:{number // 60:02}:{number % 60:02}Z",
            "correlation_id": "c-1" if number else "other",
            "log": {"level": wrong.get(number, "info")},
            "message": f"line {number}",
        }
        for number in range(SHOWN + 8)
    )
    found = logs.lines("c-1")
    assert found
    messages = [line.message for line in found.shown]
    shown = [*range(1, SHOWN + 1), SHOWN + 3, SHOWN + 5]
    assert messages == [f"line {number}" for number in shown]
    assert found.left_out == 5
    assert found.is_whole


def test_an_index_that_cannot_be_searched_leaves_the_lines_of_the_others(log_index):
    log_index([{"@timestamp": "2026-01-01T00:00:00Z", "correlation_id": "c-1", "message": "here"}])
    unsortable = {"@timestamp": {"type": "text"}, "correlation_id": {"type": "keyword"}}
    other = f"{logs.INDEX.removesuffix('*')}-other"
    with httpx.Client(base_url=env.part_url("elasticsearch"), timeout=PATIENCE_SECONDS) as client:
        client.put(f"/{other}", json={"mappings": {"properties": unsortable}}).raise_for_status()
        found = logs.lines("c-1")
        client.delete(f"/{other}")
    assert found
    assert ([line.message for line in found.shown], found.is_whole) == (["here"], False)
