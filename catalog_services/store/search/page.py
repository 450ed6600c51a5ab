"""An answer to a question, its items still as they were rendered when they were written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from apps.store_item.validity import shown_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """``items`` are JSON texts in bytes; None for ``next_cursor``: the last page, for ``total``: not counted."""

    total: int | None
    items: list[bytes] = field(default_factory=list)
    facets: dict[str, Any] = field(default_factory=dict)
    suggestions: list[str] = field(default_factory=list)
    next_cursor: str | None = None
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class Detail:
    """One item as JSON, that JSON's ETag without quotes, and whether a store stood in for the other."""

    body: bytes
    etag: str
    degraded: bool


def body_at(body: bytes, timed: bool, at: int) -> bytes:
    """An item as it is shown at a moment; the rendered bytes themselves unless validity may change them."""
    return orjson.dumps(shown_at(orjson.loads(body), at)) if timed else body
