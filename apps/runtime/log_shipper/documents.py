"""A line as the document that Elasticsearch gets."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from apps.observability import redaction
from apps.runtime.log_shipper.files import Line

LONGEST_MESSAGE = 32_768
"""Bytes of a line that is no JSON, or too long to be read as such."""


def document(line: Line, *, now: datetime) -> bytes:
    """One JSON object without a line break; empty for an empty line.

    The suite's own lines go as they are. To another JSON object is added what it lacks: ``now`` as its time, the
    program as its service. Anything else (an engine's lines, a traceback) becomes the ``message``, without secrets;
    of a long one the beginning, with ``labels.bytes`` for the whole.
    """
    if not line.data.strip():
        return b""
    added = {"@timestamp": now.astimezone(UTC).isoformat(), "service.name": line.program}
    try:
        found = orjson.loads(line.data)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        text = line.data[:LONGEST_MESSAGE].decode(errors="replace")
        cut = {"labels.bytes": line.size} if line.size > LONGEST_MESSAGE else {}
        return orjson.dumps({**added, "message": redaction.scrubbed(text), **cut})
    if "service" in found:
        del added["service.name"]
    if added.keys() <= found.keys():
        return line.data
    return orjson.dumps({**added, **found})
