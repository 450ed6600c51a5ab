"""Who asked, and in which trace: carried through the process as its variables."""

from __future__ import annotations

from collections.abc import Mapping

from apps.core import correlation
from apps.core.actor import SYSTEM, Actor
from apps.core.ids import parsed
from apps.observability.tracing import current_traceparent
from apps.saga.variables import JSON

CORRELATION, TRACEPARENT, ACTOR = "correlation_id", "traceparent", "actor"


def carried(actor: Actor) -> dict[str, JSON]:
    """The variables to start a process with, from what is running now."""
    roles: list[JSON] = [*sorted(actor.roles)]
    return {
        CORRELATION: correlation.current(),
        TRACEPARENT: current_traceparent(),
        ACTOR: {"id": str(actor.id), "username": actor.username, "roles": roles},
    }


def actor_of(variables: Mapping[str, JSON]) -> Actor:
    """The requester; the suite itself when the process names nobody, or what was written in Cockpit is nobody."""
    match variables.get(ACTOR):
        case {"id": str(text), "username": str(username), "roles": list(roles)} if id_ := parsed(text):
            return Actor(id_, username, frozenset(str(role) for role in roles))
    return SYSTEM


def text_of(variables: Mapping[str, JSON], name: str) -> str:
    value = variables.get(name)
    return value if isinstance(value, str) else ""
