"""The event on the wire: CloudEvents 1.0 in JSON, full state in ``data``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apps.core import clock
from apps.core.errors import ValidationFailed
from apps.core.ids import uuid7

SPEC_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One event. ``data`` is the aggregate's whole state as its REST representation (deleted: ``{"id"}``).

    ``source`` is the producing service's name, ``subject`` the aggregate's id, ``aggregateversion`` its version
    after the change: a consumer applies an event only when that is newer than what it has.
    """

    type: str
    source: str
    subject: str
    aggregateversion: int
    data: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid7()))
    time: str = field(default_factory=lambda: clock.iso(clock.now()) or "")
    topic: str = ""
    actor: str = ""
    correlationid: str = ""
    causationid: str = ""
    traceparent: str = ""

    @property
    def deleted(self) -> bool:
        """True for a tombstone: the aggregate is gone and its version says when."""
        return self.type.split(".")[-2].endswith("Deleted")

    def to_wire(self) -> dict[str, Any]:
        """The JSON object of the CloudEvents specification; empty extensions are left out."""
        wire: dict[str, Any] = {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": "application/json",
            "data": self.data,
            "aggregateversion": self.aggregateversion,
        }
        for name in ("topic", "actor", "correlationid", "causationid", "traceparent"):
            if value := getattr(self, name):
                wire[name] = value
        return wire

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> CloudEvent:
        """Raises ``ValidationFailed`` for what is not a CloudEvent of ours."""
        try:
            return cls(
                type=str(wire["type"]),
                source=str(wire["source"]),
                subject=str(wire["subject"]),
                aggregateversion=int(wire["aggregateversion"]),
                data=dict(wire["data"]),
                id=str(wire["id"]),
                time=str(wire["time"]),
                topic=str(wire.get("topic", "")),
                actor=str(wire.get("actor", "")),
                correlationid=str(wire.get("correlationid", "")),
                causationid=str(wire.get("causationid", "")),
                traceparent=str(wire.get("traceparent", "")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValidationFailed(f"Not an event of the suite: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Receipt:
    """A consumer's answer to one delivered event.

    ``outcome``: ``ack``; ``reject`` (the payload is bad and always will be: a dead letter at once); ``nack`` (it
    could not be applied: counts as an attempt, and ends as a dead letter);
    ``wait`` (infrastructure is down: tried again for as long as it takes); ``left`` (there was no time for it: sent
    again at once).
    """

    event_id: str
    source: str
    outcome: str
    reason: str = ""
