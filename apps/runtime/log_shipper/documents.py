"""A line as the document that Elasticsearch gets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from apps.observability import redaction
from apps.runtime.log_shipper.files import Line
from config.parts import PARTS

LONGEST_MESSAGE = 32_768
"""Bytes of a line that is no JSON, or too long to be read as such."""


def document(line: Line, *, now: datetime) -> bytes:
    """One JSON object without a line break; empty for an empty line.

    The suite's own lines go as they are. To a part's JSON object is added what it lacks: ``now`` as its time, the
    program as its service. Anything else (an engine's lines, a traceback) becomes the ``message``; of a long one the
    beginning, with ``labels.bytes`` for the whole. Of what is not the suite's own, all but what looks like a secret.
    """
    if not line.data.strip():
        return b""
    data = (
        redaction.scrubbed(line.data.decode(errors="replace")).encode()
        if line.program in PARTS
        else line.data
    )
    added = {"@timestamp": now.astimezone(UTC).isoformat(), "service.name": line.program}
    try:
        return _completed(data, added)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        text = data[:LONGEST_MESSAGE].decode(errors="replace")
        cut = {"labels.bytes": line.size} if line.size > LONGEST_MESSAGE else {}
        return orjson.dumps({**added, "message": redaction.scrubbed(text), **cut})


def _completed(data: bytes, added: dict[str, str]) -> bytes:
    """A JSON object with what it lacks of ``added``. Raises what orjson raises of one that is none, or one that is
    nested more deeply than it writes."""
    found: Any = orjson.loads(data)
    if not isinstance(found, dict):
        raise orjson.JSONDecodeError("no object", "", 0)
    lacking = {key: value for key, value in added.items() if key not in found}
    if "service" in found:
        lacking.pop("service.name", None)
    return orjson.dumps({**lacking, **found}) if lacking else data
