"""What is counted, everywhere in the suite: the dashboard and the alerts are held to this list.

A process tells its metrics on the port in ``METRICS_PORT`` (apps.observability.exposition); what nobody reads is
counted all the same, at a microsecond or two. Seconds are seconds, labels have few values: no ids, no texts that people
write. Each has a label: one without is written into the folder of a worker's figures when this module is imported,
before there is that folder.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LONG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

REQUESTS = Histogram(
    "catalog_request_seconds",
    "Requests that a service answered; the route is the URL's pattern, empty for an unknown path.",
    ("method", "route", "status"),
    buckets=_SHORT,
)
PROXIED = Histogram(
    "catalog_proxied_request_seconds",
    "Requests that the gateway answered, by the service they are for (499: the client left first).",
    ("service", "status"),
    buckets=_SHORT,
)
BREAKER_OPEN = Gauge(
    "catalog_breaker_open",
    "1 while the gateway leaves a service alone because it does not answer.",
    ("service",),
)
TASKS = Histogram(
    "catalog_task_seconds", "Celery tasks that a worker ended.", ("task", "state"), buckets=_LONG
)
SAGA_STEPS = Histogram(
    "catalog_saga_step_seconds",
    "Steps of publications that a worker carried out, by how they ended.",
    ("step", "outcome"),
    buckets=_LONG,
)
PUBLICATIONS = Gauge(
    "catalog_publications",
    "Publications that have not settled, by their state.",
    ("state",),
)
PUBLICATIONS_STANDING = Gauge(
    "catalog_publications_standing",
    "Those of them that somebody has to see to: an undo that failed, or neither a beginning nor an end for long.",
    ("state",),
)
RELAY_DELAY = Histogram(
    "catalog_relay_delay_seconds",
    "From an event's commit until it was on its subscriber's queue.",
    ("subscriber",),
    buckets=_LONG,
)
EVENTS = Counter(
    "catalog_events_total", "Events that a consumer answered for, by its answer.", ("source", "outcome")
)
EVENT_DELAY = Histogram(
    "catalog_event_delay_seconds",
    "From an event's commit until its consumer had applied it; the store's is how far it is behind.",
    ("source",),
    buckets=_LONG,
)
SPANS_LOST = Counter(
    "catalog_spans_lost_total",
    "Spans lost: refused by the collector, or it was away (refused); too many waited to be sent (full).",
    ("reason",),
)
