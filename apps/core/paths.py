"""What is told of a request's path, in lines and spans."""

from __future__ import annotations

import re

from apps.core import correlation

MOST = 1_000
"""Characters: the longest path that is told whole."""
# The glass box, and what each service knows of a correlation id.
_CORRELATION = re.compile(r"/ops/(?:c|correlation)/")


def shown(path: str) -> str:
    """``path``, cut where somebody gave for a correlation id what is none, and where it is too long.

    It may be anything: no log and no trace repeats it.
    """
    found = _CORRELATION.search(path) if "/ops/" in path else None
    if found and not _is_id(path[found.end() :]):
        path = f"{path[: found.end()]}…"
    return path if len(path) <= MOST else f"{path[:MOST]}…"


def _is_id(given: str) -> bool:
    return not given or correlation.is_acceptable(given.removesuffix("/"))
