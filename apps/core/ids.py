"""Identifiers: UUIDv7 (RFC 9562), so that ids sort by their time of creation and index well."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import uuid_utils


def uuid7() -> uuid.UUID:
    """A new UUIDv7 as a standard library ``UUID``."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)


def parsed(text: object) -> uuid.UUID | None:
    """The UUID that a text is, None for any other text."""
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def uuid7_text() -> str:
    """A new UUIDv7 as text, without the detour over a ``UUID`` object."""
    return str(uuid_utils.uuid7())


def made_at(id_: uuid.UUID) -> datetime | None:
    """When a UUIDv7 was made, to the millisecond; None for any other UUID."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC) if id_.version == 7 else None
