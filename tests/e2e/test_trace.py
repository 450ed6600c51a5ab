from __future__ import annotations

import httpx

from config import env
from tests.e2e.conftest import eventually

SERVICES = {"gateway", "offering", "pricing", "specification", "store"}


def spans_of(trace_id: str) -> list[dict]:
    response = httpx.get(f"{env.part_url('zipkin')}/api/v2/trace/{trace_id}", timeout=10)
    return response.json() if response.status_code == 200 else []


def test_a_publication_is_one_trace_from_the_click_to_the_projection(manager, draft):
    trace_id = draft["id"].replace("-", "")
    headers = {
        "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01",
        "X-Correlation-ID": f"trace-{trace_id[:8]}",
    }
    response = manager.post(f"/api/v1/offerings/{draft['id']}/publish", headers=headers)
    assert response.headers["X-Correlation-ID"] == headers["X-Correlation-ID"]
    manager.settled(draft["id"])

    def complete() -> set[str] | None:
        seen = {span["localEndpoint"]["serviceName"] for span in spans_of(trace_id)}
        return seen if {s for s in SERVICES if any(s in name for name in seen)} == SERVICES else None

    eventually(complete, seconds=30, why=f"spans of all of {SERVICES} under one trace id")
    names = " ".join(span.get("name", "") for span in spans_of(trace_id))
    for step in ("lock-prices", "validate-specifications", "create-store-entry", "confirm-publication"):
        assert step in names, names
    assert manager.publication(draft["id"])["correlation_id"] == headers["X-Correlation-ID"]
