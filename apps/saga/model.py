"""What the engine tells us, in our words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from apps.saga.variables import JSON


@dataclass(frozen=True, slots=True)
class LockedTask:
    """One external task as fetched; it travels to the executing process as JSON.

    ``expires_at`` is Unix seconds on our clock, taken at the fetch: a hint, as clocks are set. ``retries`` is None
    before the first technical failure. ``worker_id`` is new for every fetch, so that who fetched a task before its
    lock expired can no longer answer for it.
    """

    id: str
    topic: str
    worker_id: str
    expires_at: float
    business_key: str
    process_id: str
    retries: int | None = None
    variables: dict[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Instance:
    """A process instance, running or ended. ``state`` as in the engine's history: ``ACTIVE``, ``COMPLETED``,
    ``EXTERNALLY_TERMINATED`` ..."""

    id: str
    business_key: str
    state: str

    @property
    def running(self) -> bool:
        return self.state in {"ACTIVE", "SUSPENDED"}


@dataclass(frozen=True, slots=True)
class Incident:
    """Something in a process that only a person or a retry can move. ``subject`` is the id of the external task
    or job that has no retries left."""

    id: str
    type: str
    activity: str
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class Activity:
    """One passage of a process through an activity."""

    id: str
    name: str
    type: str
    started: datetime
    ended: datetime | None
    cancelled: bool
