from __future__ import annotations

import time

from config import env
from tests.e2e.conftest import fetched

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

SYSTEMS = {"postgresql", "mongodb", "elasticsearch", "redis"}
CLICK = "00f067aa0ba902b7"
"""The span that the click has at whoever clicks, and that nobody tells Zipkin of."""


def spans_of(trace_id: str) -> list[dict]:
    response = fetched(f"{env.part_url('zipkin')}/api/v2/trace/{trace_id}")
    return response.json() if response.status_code == 200 else []


def missing(spans: list[dict]) -> set[str]:
    """What of ``SERVICES``, ``PARTS`` and ``SYSTEMS`` the trace does not show, and the parents that are not in it."""
    names = " ".join(span.get("name", "") for span in spans)
    services = {span["localEndpoint"]["serviceName"] for span in spans}
    systems = {span.get("tags", {}).get("db.system") for span in spans}
    parents = {span.get("parentId", "none") for span in spans} - {span["id"] for span in spans}
    return (
        (SERVICES - services)
        | {part for part in PARTS if part not in names}
        | (SYSTEMS - systems)
        | (parents - {CLICK})
    )


def test_a_publication_is_one_trace_from_the_click_to_the_projection(manager, draft):
    trace_id = draft["id"].replace("-", "")
    headers = {
        "traceparent": f"00-{trace_id}-{CLICK}-01",
        "X-Correlation-ID": f"trace-{trace_id[:8]}",
    }
    response = manager.post(f"/api/v1/offerings/{draft['id']}/publish", headers=headers)
    assert response.headers["X-Correlation-ID"] == headers["X-Correlation-ID"]
    manager.settled(draft["id"])

    deadline = time.monotonic() + 45
    while missing(spans := spans_of(trace_id)) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert missing(spans) == set()
    (root,) = [span for span in spans if span.get("parentId") == CLICK]
    assert root["localEndpoint"]["serviceName"] == "gateway"
    assert manager.publication(draft["id"])["correlation_id"] == headers["X-Correlation-ID"]
