"""The log lines of a correlation id, of all services, in the order of their time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog_services.identity.ops import elsewhere

INDEX = "logs-catalog-*"
SHOWN, MOST_SEVERE = 500, 100
SEVERE = ("warning", "error", "critical")
LABEL = 200
"""Characters of a label."""
_FIELDS = (
    "@timestamp",
    "service.name",
    "log.level",
    "message",
    "trace.id",
    "actor",
    "http.request.method",
    "url.path",
    "http.response.status_code",
    "duration_ms",
    "error.message",
    "labels.*",
)


@dataclass(frozen=True, slots=True)
class Line:
    """``at`` is ISO 8601; ``request`` is method, path and status of an access line, empty for any other;
    ``milliseconds`` is how long that request took."""

    at: str
    service: str
    level: str
    message: str
    trace_id: str
    actor: str
    request: str = ""
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class Lines:
    """``left_out`` is how many there are beside ``shown``."""

    shown: list[Line]
    left_out: int


def lines(correlation_id: str) -> Lines | None:
    """The first ``SHOWN`` and, where there are more, the first ``MOST_SEVERE`` warnings and errors beside them, by
    their time; None when the log store does not answer."""
    named = {"term": {"correlation_id": correlation_id}}
    found = _search({"bool": {"filter": [named]}}, SHOWN)
    if found is None:
        return None
    total, hits = found["total"]["value"], {hit["_id"]: hit for hit in found["hits"]}
    if total > len(hits):
        severe = _search({"bool": {"filter": [named, {"terms": {"log.level": SEVERE}}]}}, MOST_SEVERE)
        if severe is None:
            return None
        # The first are before the others in time, and both are in order.
        hits |= {hit["_id"]: hit for hit in severe["hits"] if hit["_id"] not in hits}
    return Lines([_line(_flat(hit["_source"])) for hit in hits.values()], total - len(hits))


def _search(query: Mapping[str, Any], size: int) -> Any:
    """Elasticsearch's ``hits``, by their time."""
    found = elsewhere.answer(
        "elasticsearch",
        "POST",
        f"/{INDEX}/_search?ignore_unavailable=true&allow_no_indices=true",
        absent={"hits": {"hits": [], "total": {"value": 0}}},
        json={
            "query": query,
            "sort": [{"@timestamp": {"order": "asc", "unmapped_type": "date"}}],
            "size": size,
            "track_total_hits": True,
            "_source": _FIELDS,
        },
    )
    return None if found is None else found["hits"]


def traces_in(found: Lines | None) -> list[str]:
    """The ids of their traces, each once, in order."""
    return list(dict.fromkeys(line.trace_id for line in found.shown if line.trace_id)) if found else []


def _flat(source: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """ECS fields by their dotted names, however they are nested."""
    flat: dict[str, Any] = {}
    for name, value in source.items():
        flat |= _flat(value, f"{above}{name}.") if isinstance(value, Mapping) else {f"{above}{name}": value}
    return flat


def _line(fields: Mapping[str, Any]) -> Line:
    method, path = fields.get("http.request.method"), fields.get("url.path", "")
    duration = fields.get("duration_ms")
    error = fields.get("error.message")
    labels = [
        f"{k.removeprefix('labels.')}={v}"[:LABEL] for k, v in fields.items() if k.startswith("labels.")
    ]
    return Line(
        at=str(fields.get("@timestamp", "")),
        service=str(fields.get("service.name", "")),
        level=str(fields.get("log.level", "")),
        message=": ".join(str(text) for text in (fields.get("message"), error, " ".join(labels)) if text),
        trace_id=str(fields.get("trace.id", "")),
        actor=str(fields.get("actor", "")),
        request=f"{method} {path} {fields.get('http.response.status_code', '')}".strip() if method else "",
        milliseconds=float(duration) if duration is not None else None,
    )
