"""The spans of a trace as Zipkin has them, laid out as a waterfall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_services.identity.ops import elsewhere
from config import env
from config.services import SERVICES

MOST_TRACES, MOST_SPANS = 5, 400
_HUES = {name: (175 + 360 * number // len(SERVICES)) % 360 for number, name in enumerate(SERVICES)}
Span = dict[str, Any]
"""Zipkin's API v2: ``id``, ``parentId``, ``name``, ``timestamp`` and ``duration`` in microseconds, ``tags``."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A span in the picture: ``left`` and ``width`` are percents of the whole, ``depth`` counts its ancestors."""

    service: str
    name: str
    depth: int
    left: float
    width: float
    milliseconds: float
    failed: bool

    @property
    def place(self) -> str:
        """Where the bar is and of whose colour, as CSS: whatever the language, with points."""
        return f"left: {self.left}%; width: {self.width}%; --hue: {self.hue}"

    @property
    def hue(self) -> str:
        """Its service's colour, in degrees."""
        return str(_HUES.get(self.service, 0))

    @property
    def indent(self) -> str:
        """In rem."""
        return str(min(self.depth, 12) * 0.75)


@dataclass(frozen=True, slots=True)
class Trace:
    """``left_out`` is how many of its spans are not among ``bars``."""

    id: str
    milliseconds: float
    bars: list[Bar]
    left_out: int


@dataclass(frozen=True, slots=True)
class Traces:
    """``left_out`` is how many others were told of; not each of them has to have been kept."""

    shown: list[Trace]
    left_out: int


def traces(ids: Sequence[str]) -> Traces | None:
    """Those of the first ``MOST_TRACES`` ids that Zipkin knows, none where there is no Zipkin; None when it does not
    answer."""
    if env.part_is_absent("zipkin"):
        return Traces([], 0)
    shown = []
    for id_ in ids[:MOST_TRACES]:
        spans = elsewhere.answer("zipkin", "GET", f"/api/v2/trace/{id_}", absent=[])
        if spans is None:
            return None
        if spans:
            shown.append(waterfall(id_, spans))
    return Traces(shown, max(0, len(ids) - MOST_TRACES))


def waterfall(id_: str, spans: Sequence[Span]) -> Trace:
    """Parents before their children, those of one parent by their beginning. A span whose parent is not there (it is
    under way, or was lost) stands on its own."""
    start = min(span.get("timestamp", 0) for span in spans)
    whole = max(max(_end(span) for span in spans) - start, 1)
    bars = [_bar(span, depth, start, whole) for span, depth in _in_order(spans)]
    return Trace(id_, whole / 1000, bars[:MOST_SPANS], max(0, len(bars) - MOST_SPANS))


def _end(span: Span) -> int:
    return int(span.get("timestamp", 0)) + int(span.get("duration", 0))


def _in_order(spans: Sequence[Span]) -> Iterator[tuple[Span, int]]:
    known = {span["id"] for span in spans}
    children: dict[str, list[Span]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: (span.get("timestamp", 0), span["id"])):
        parent = span.get("parentId", "")
        children[parent if parent in known and parent != span["id"] else ""].append(span)
    waiting = [(span, 0) for span in reversed(children.pop("", []))]
    while waiting:
        span, depth = waiting.pop()
        yield span, depth
        waiting += [(child, depth + 1) for child in reversed(children.pop(span["id"], []))]


def _bar(span: Span, depth: int, start: int, whole: int) -> Bar:
    duration = int(span.get("duration", 0))
    return Bar(
        service=span.get("localEndpoint", {}).get("serviceName", ""),
        name=span.get("name", ""),
        depth=depth,
        left=round(100 * (int(span.get("timestamp", start)) - start) / whole, 3),
        width=round(100 * duration / whole, 3),
        milliseconds=duration / 1000,
        failed="error" in span.get("tags", {}),
    )
