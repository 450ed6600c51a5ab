from __future__ import annotations

import time

import httpx

from config import env

SERVICES = {"gateway", "offering", "pricing", "specification", "store"}

PARTS = (
    "publish",
    "relay catalog.offering.publicationrequested.v1",
    "consume catalog.offering.publicationrequested.v1",
    "saga claim-publication",
    "saga lock-prices",
    "saga validate-specifications",
    "saga create-store-entry",
    "saga confirm-publication",
    "saga release-prices",
    "bulk",
)


def spans_of(trace_id: str) -> list[dict]:
    response = httpx.get(f"{env.part_url('zipkin')}/api/v2/trace/{trace_id}", timeout=10)
    return response.json() if response.status_code == 200 else []


def missing(trace_id: str) -> set[str]:
    """What of ``SERVICES`` and ``PARTS`` the trace does not show."""
    spans = spans_of(trace_id)
    names = " ".join(span.get("name", "") for span in spans)
    seen = {span["localEndpoint"]["serviceName"] for span in spans}
    return (SERVICES - seen) | {part for part in PARTS if part not in names}


def test_a_publication_is_one_trace_from_the_click_to_the_projection(manager, draft):
    trace_id = draft["id"].replace("-", "")
    headers = {
        "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01",
        "X-Correlation-ID": f"trace-{trace_id[:8]}",
    }
    response = manager.post(f"/api/v1/offerings/{draft['id']}/publish", headers=headers)
    assert response.headers["X-Correlation-ID"] == headers["X-Correlation-ID"]
    manager.settled(draft["id"])

    deadline = time.monotonic() + 45
    while missing(trace_id) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert missing(trace_id) == set()
    assert manager.publication(draft["id"])["correlation_id"] == headers["X-Correlation-ID"]
