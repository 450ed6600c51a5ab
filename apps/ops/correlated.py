"""What a service did under one correlation id: its events, and what became of each on its way to each subscriber."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db.models.fields.json import KT

from apps.core.clock import iso
from apps.observability.tracing import trace_id
from apps.outbox.models import AGGREGATE_VERSION, Delivery, OutboxEvent

MOST = 500
"""Events that are told of one correlation id; an import may have any number."""


def correlated(correlation_id: str) -> dict[str, Any]:
    """``{"service", "events", "more"}``: the first ``MOST`` events in the order in which they were recorded, each as
    ``{"id", "type", "subject", "version", "created_at", "actor", "causation_id", "trace_id", "deliveries"}``; ``more``
    says that there are others. Nothing is known of a delivery that was settled long ago (``OUTBOX_KEEP_DAYS``)."""
    rows = list(_events(correlation_id))
    deliveries = _deliveries([row["pk"] for row in rows[:MOST]])
    events = [_event(row, deliveries.get(row["pk"], [])) for row in rows[:MOST]]
    return {"service": settings.SERVICE_NAME, "events": events, "more": len(rows) > MOST}


def _events(correlation_id: str) -> Any:
    """One more than is told. The state that an event carries stays in the database."""
    # Not "equal": then the planner may read the table in the order of its key until it has met enough of them.
    found = OutboxEvent.objects.filter(correlation_id__range=(correlation_id, correlation_id))
    found = found.order_by("correlation_id", "id")
    return found.values(
        "pk",
        "event_id",
        "type",
        "subject",
        "created_at",
        version=AGGREGATE_VERSION,
        actor=KT("envelope__actor"),
        causation_id=KT("envelope__causationid"),
        traceparent=KT("envelope__traceparent"),
    )[: MOST + 1]


def _deliveries(events: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Delivery.objects.filter(event__in=events).order_by("id")
    for row in rows:
        found[row.event_id].append(
            {
                "subscriber": row.subscriber,
                "state": row.state,
                "attempts": row.attempts,
                "resends": row.resends,
                "sent_at": iso(row.sent_at),
                "settled_at": iso(row.settled_at),
                "reason": row.reason,
            }
        )
    return found


def _event(row: dict[str, Any], deliveries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": str(row["event_id"]),
        "type": row["type"],
        "subject": row["subject"],
        "version": row["version"],
        "created_at": iso(row["created_at"]),
        "actor": row["actor"] or "",
        "causation_id": row["causation_id"] or "",
        "trace_id": trace_id(row["traceparent"] or ""),
        "deliveries": deliveries,
    }
