"""The log lines of a correlation id, of all services, in the order of their time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog_services.identity.ops import elsewhere

INDEX = "logs-catalog-*"
SHOWN, MOST_SEVERE = 500, 100
WRONG = ("error", "critical")
SEVERE = ("warning", *WRONG)
LABEL = 200
"""Characters of a label."""
LONGEST_MS = 1e9
"""No request takes longer; what says so is no duration."""
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

    @property
    def is_wrong(self) -> bool:
        """It tells of an error."""
        return self.level in WRONG


@dataclass(frozen=True, slots=True)
class Lines:
    """``left_out`` is how many there are beside ``shown``. One that is not whole lacks what a part of the log store,
    which did not answer, or not in time, has."""

    shown: list[Line]
    left_out: int
    is_whole: bool = True


def lines(correlation_id: str) -> Lines | None:
    """The first ``SHOWN`` and, where there are more, the first ``MOST_SEVERE`` warnings and errors beside them, by
    their time; None when the log store does not answer."""
    named = {"term": {"correlation_id": correlation_id}}
    first = _search({"bool": {"filter": [named]}}, SHOWN)
    if first is None:
        return None
    total, hits, is_whole = first["hits"]["total"]["value"], _by_id(first), _is_whole(first)
    if total > len(hits):
        severe = _search({"bool": {"filter": [named, {"terms": {"log.level": SEVERE}}]}}, MOST_SEVERE)
        if severe is None:
            return None
        # The first are before the others in time, and both are in order.
        hits |= {id_: hit for id_, hit in _by_id(severe).items() if id_ not in hits}
        is_whole = is_whole and _is_whole(severe)
    return Lines([_line(_flat(hit["_source"])) for hit in hits.values()], total - len(hits), is_whole)


def _search(query: Mapping[str, Any], size: int) -> Any:
    """What Elasticsearch answers, its ``hits`` by their time."""
    return elsewhere.answer(
        "elasticsearch",
        "POST",
        f"/{INDEX}/_search?ignore_unavailable=true&allow_no_indices=true",
        absent={
            "timed_out": False,
            "_shards": {"total": 0, "successful": 0},
            "hits": {"hits": [], "total": {"value": 0}},
        },
        json={
            "query": query,
            "sort": [{"@timestamp": {"order": "asc", "unmapped_type": "date"}}],
            "size": size,
            "track_total_hits": True,
            "_source": _FIELDS,
        },
    )


def _by_id(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {hit["_id"]: hit for hit in answer["hits"]["hits"]}


def _is_whole(answer: Mapping[str, Any]) -> bool:
    """Not every shard that gave nothing is among the ``failed``."""
    shards = answer["_shards"]
    return shards["successful"] == shards["total"] and not answer["timed_out"]


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
        milliseconds=_milliseconds(fields.get("duration_ms")),
    )


def _milliseconds(duration: Any) -> float | None:
    """None for what is no duration: the log store keeps that, too."""
    if isinstance(duration, int | float) and 0 <= duration <= LONGEST_MS:
        return float(duration)
    return None
