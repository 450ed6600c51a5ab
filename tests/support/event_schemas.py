"""The contract test every write service runs: what its events carry is what their schema says."""

from __future__ import annotations

import jsonschema

from apps.outbox.models import OutboxEvent
from apps.outbox.schemas import event_schemas


def check_recorded_events() -> set[str]:
    """Validate every event in the outbox against its type's schema; gives the types seen.

    Fails for a type without a schema and for data that does not fit.
    """
    schemas = event_schemas()
    seen = set()
    for stored in OutboxEvent.objects.all():
        jsonschema.validate(
            stored.envelope["data"],
            schemas[stored.type],
            format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
        )
        seen.add(stored.type)
    return seen
