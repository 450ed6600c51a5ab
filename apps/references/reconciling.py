"""Replicas against their owners: what differs is set to what the owner says, also to an older version.

Events keep replicas current; what they cannot mend is an owner, or a replica, that was restored from a backup alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from apps.core.joining import joined
from apps.outbox.digest import state_hash
from apps.references.digests import Pages
from apps.references.models import Reference
from apps.references.replicas import ReferenceKind, overwrite, owners_state, take

_PASSES, _PAUSE_SECONDS = 3, 1.0
_CHUNK = 1000
Found = dict[str, int]
"""Id -> the version of the replica that differs; 0: there is none."""


@dataclass(frozen=True, slots=True)
class _Here:
    version: int
    hash: str


def differences(kind: ReferenceKind, *, pages: Pages) -> Found:
    """What differs three times in a row: what is only on its way does not count. Raises ``Unavailable``."""
    found = _compare_once(kind, pages)
    for _ in range(_PASSES - 1):
        if not found:
            break
        time.sleep(_PAUSE_SECONDS)
        again = _compare_once(kind, pages)
        found = {id: version for id, version in again.items() if found.get(id) == version}
    return found


def _compare_once(kind: ReferenceKind, pages: Pages) -> Found:
    owned = ((entry["id"], entry) for page in pages(kind.service, kind.event_name) for entry in page)
    found: Found = {}
    for id, here, there in joined(_replicas(kind), owned):
        if (here and here.hash, here and here.version) != _told(there, here):
            found[id] = here.version if here else 0
    return found


def _told(there: dict[str, Any] | None, here: _Here | None) -> tuple[str | None, int | None]:
    """What the replica should be: as its owner's; where that has none, none or deleted at whatever version."""
    if there is not None:
        return there["hash"], int(there["version"])
    return (None, None) if here is None else (_DELETED, here.version)


_DELETED = ""


def _replicas(kind: ReferenceKind) -> Iterator[tuple[str, _Here]]:
    rows = Reference.objects.filter(kind=kind.name).order_by("aggregate_id")
    fields = rows.values_list("aggregate_id", "version", "deleted", "data")
    for id, version, deleted, data in fields.iterator(chunk_size=_CHUNK):
        yield str(id), _Here(version, _DELETED if deleted else state_hash(data))


def reconcile(kind: ReferenceKind, found: Found, *, say: Callable[[int], object] = lambda _: None) -> int:
    """Set what was found to what its owner says now; gives how many. One that an event changes meanwhile is left to
    the events. Raises ``Unavailable``; what was done by then stays."""
    done = 0
    for id, seen in found.items():
        state = owners_state(kind, id)
        if seen:
            done += overwrite(kind, id, state, seen=seen)
        elif state is not None:
            take(kind, id, state)
            done += 1
        say(done)
    return done
