"""What a message carries: many small events or a few large ones, of which only a few are in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.conf import settings
from django.db.backends.utils import CursorWrapper

MESSAGE_BYTES = 1_000_000
"""A message is closed before it has more; an event that is larger has one of its own."""

SMALL_STORED, SMALL_TEXT = 4_096, 16_384
"""Bytes of an event as it is stored and as text, up to which a claim brings its text along. What is stored compressed
may be far larger as text, and what is larger as it is stored is not even made a text of."""

_AT_A_TIME, _STORED_AT_A_TIME = 16, 200_000
"""Large events that are read together, and how many bytes they have as they are stored."""

_LARGE = """
SELECT id, envelope::text, coalesce(envelope->>'traceparent', '') FROM outbox_outboxevent WHERE id = ANY(%s)
"""


class Due(NamedTuple):
    """A claimed delivery; ``created_at`` in Unix seconds, ``stored`` in bytes. A large event has no ``envelope``
    here, and its ``traceparent`` when it is read."""

    id: int
    event: int
    type: str
    created_at: float
    is_held: bool
    stored: int
    envelope: str | None
    traceparent: str | None


class Message(NamedTuple):
    """``envelopes`` are those of ``rows``, large ones too, and ``size`` is theirs in bytes."""

    rows: list[Due]
    envelopes: list[str]
    size: int


def messages(rows: Iterable[Due], cursor: CursorWrapper) -> Iterator[Message]:
    """The messages for one subscriber, each made when the one before it is sent."""
    packed: list[Due] = []
    envelopes: list[str] = []
    size = 0
    for few in _groups(rows):
        large = _read([row.event for row in few if row.envelope is None], cursor)
        for row in few:
            told, envelope = row, row.envelope
            if envelope is None:
                envelope, traceparent = large[row.event]
                told = row._replace(traceparent=traceparent)
            own = len(envelope) if envelope.isascii() else len(envelope.encode())
            if packed and (len(packed) == settings.OUTBOX_BATCH or size + own > MESSAGE_BYTES):
                yield Message(packed, envelopes, size)
                packed, envelopes, size = [], [], 0
            packed.append(told)
            envelopes.append(envelope)
            size += own
    if packed:
        yield Message(packed, envelopes, size)


def _groups(rows: Iterable[Due]) -> Iterator[list[Due]]:
    """In the same order, such that of each group the large ones can be read together."""
    group: list[Due] = []
    count = stored = 0
    for row in rows:
        if row.envelope is None:
            if count and (count == _AT_A_TIME or stored + row.stored > _STORED_AT_A_TIME):
                yield group
                group, count, stored = [], 0, 0
            count += 1
            stored += row.stored
        group.append(row)
    if group:
        yield group


def _read(events: list[int], cursor: CursorWrapper) -> dict[int, tuple[str, str]]:
    if not events:
        return {}
    cursor.execute(_LARGE, [events])
    return {id_: (envelope, traceparent) for id_, envelope, traceparent in cursor.fetchall()}
