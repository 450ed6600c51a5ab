"""Which of some events this service has applied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.core.clock import iso
from apps.outbox.models import InboxRecord

MOST = 200


def applied(event_ids: Sequence[UUID]) -> dict[str, Any]:
    """``{"service", "applied": [{"event_id", "applied_at"}]}``: those of ``event_ids`` that are recorded as applied,
    the first first. A record is kept for twice ``OUTBOX_KEEP_DAYS``."""
    rows = InboxRecord.objects.filter(event_id__in=event_ids).order_by("applied_at", "event_id")
    return {
        "service": settings.SERVICE_NAME,
        "applied": [{"event_id": str(row.event_id), "applied_at": iso(row.applied_at)} for row in rows],
    }
