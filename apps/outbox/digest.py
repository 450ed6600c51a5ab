"""What this service holds, as ids, versions and hashes, for ``store verify``."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID

from apps.core.errors import ValidationFailed
from apps.outbox.kinds import registered

PAGE = 1000


def digest_page(kind_name: str, *, after: UUID | None) -> list[dict[str, Any]]:
    """Up to 1,000 entries ``{"id", "version", "hash"}`` of one kind in order of id, after ``after``.

    Raises ``ValidationFailed`` for a kind this service does not have.
    """
    kinds = {kind.name: kind for kind in registered()}
    if kind_name not in kinds:
        message = f"Must be one of {', '.join(kinds)}."
        raise ValidationFailed(f"kind: {message}", errors={"kind": [message]})
    kind = kinds[kind_name]
    rows = kind.rows().order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return [
        {"id": str(row.pk), "version": row.version, "hash": state_hash(kind.state(row))}
        for row in rows[:PAGE]
    ]


def state_hash(state: dict[str, Any]) -> str:
    """SHA-256 over the state as canonical JSON (sorted keys, no blanks, UTF-8)."""
    text = json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
