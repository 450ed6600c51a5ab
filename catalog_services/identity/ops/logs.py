"""The log lines of a correlation id, of all services, in the order of their time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_services.identity.ops import elsewhere

INDEX = "logs-catalog-*"
SHOWN = 500
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


def lines(correlation_id: str) -> list[Line] | None:
    """The first ``SHOWN``; None when the log store does not answer."""
    found = elsewhere.answer(
        "elasticsearch",
        "POST",
        f"/{INDEX}/_search?ignore_unavailable=true&allow_no_indices=true",
        absent={"hits": {"hits": []}},
        json={
            "query": {"term": {"correlation_id": correlation_id}},
            "sort": [{"@timestamp": {"order": "asc", "unmapped_type": "date"}}],
            "size": SHOWN,
            "_source": _FIELDS,
        },
    )
    return None if found is None else [_line(_flat(hit["_source"])) for hit in found["hits"]["hits"]]


def traces_in(found: Sequence[Line]) -> list[str]:
    """The ids of their traces, each once, in order."""
    return list(dict.fromkeys(line.trace_id for line in found if line.trace_id))


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
