"""The store's part in a publication: an entry prepared before the offering is PUBLISHED, and taken back.

Neither is for readers to see, so Elasticsearch is not asked: it hears of the entry when an event makes it visible.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from pymongo.errors import PyMongoError

from apps.core.errors import Conflict, Unavailable
from apps.core.messages import Message
from apps.store_item.payloads import BY_KIND
from catalog_services.store.projection import components, publications
from catalog_services.store.projection.entries import refresh
from catalog_services.store.stores import generations, mongo
from catalog_services.store.stores.generations import Pointer
from catalog_services.store.stores.mongo import Mongo

_PATIENCE_SECONDS = 1.5
_LOOK_EVERY_SECONDS = 0.02
_BEING_PUBLISHED = {"PUBLISHING", "PUBLISHED"}
_KINDS = {collection: kind.lower() for kind, (collection, _) in BY_KIND.items()}


def prepare_entry(
    *,
    publication_id: str,
    offering_id: str,
    seen: Mapping[str, Mapping[str, int]],
    patience: float = _PATIENCE_SECONDS,
) -> int:
    """Write the hidden entry of an offering that is being published; gives its rev in the live generation.

    ``seen`` is ``{collection: {id: version}}``: what the earlier steps saw. Their events may still be on the way:
    they are waited for a moment, then ``Unavailable`` is raised and the engine tries again. Raises ``Conflict``
    when the publication was undone already, or something that it shows was deleted since.
    """
    try:
        database = mongo.writing()
        publications.begin(database, publication_id=publication_id, offering_id=offering_id)
        pointer = generations.ensure(database)
        _wait_for(database, pointer.live, offering_id, seen, patience)
        _refuse_deleted(database, pointer.live, seen)
        rev = _recompose(database, pointer, offering_id)
    except PyMongoError as error:
        why = type(error).__name__
        raise Unavailable(Message("MongoDB does not take the entry: {why}", why=why)) from error
    if not rev:
        raise Unavailable(Message("The entry of offering {id} is not written yet.", id=offering_id))
    return rev


def withdraw_entry(*, publication_id: str, offering_id: str) -> None:
    """Undo ``prepare_entry``, also when it comes first: then it is refused when it comes. Repeating it is harmless.

    Raises ``Unavailable`` while MongoDB is down.
    """
    try:
        database = mongo.writing()
        publications.undo(database, publication_id=publication_id, offering_id=offering_id)
        _recompose(database, generations.ensure(database), offering_id)
    except PyMongoError as error:
        why = type(error).__name__
        raise Unavailable(Message("MongoDB does not take the entry back: {why}", why=why)) from error


def _recompose(database: Mongo, pointer: Pointer, offering_id: str) -> int:
    """Gives the entry's rev in the live generation, 0 when it has none."""
    entries = {name: refresh(database, name, [offering_id]) for name in pointer.written}
    return int(entries[pointer.live][0]["rev"]) if entries[pointer.live] else 0


def _wait_for(
    database: Mongo, generation: str, offering_id: str, seen: Mapping[str, Mapping[str, int]], patience: float
) -> None:
    until = time.monotonic() + patience
    while missing := _missing(database, generation, offering_id, seen):
        if time.monotonic() > until:
            named = Message.joined(missing, ", ")
            raise Unavailable(Message("The store has not heard yet of {missing}.", missing=named))
        time.sleep(_LOOK_EVERY_SECONDS)


def _refuse_deleted(database: Mongo, generation: str, seen: Mapping[str, Mapping[str, int]]) -> None:
    for collection, wanted in seen.items():
        if gone := components.deleted(database, generation, collection, list(wanted)):
            ids = ", ".join(sorted(gone))
            kind = Message(_KINDS[collection])
            raise Conflict(Message("Deleted since it was checked: {kind} {ids}.", kind=kind, ids=ids))


def _missing(
    database: Mongo, generation: str, offering_id: str, seen: Mapping[str, Mapping[str, int]]
) -> list[str]:
    found = components.load(database, generation, "offerings", [offering_id]).get(offering_id)
    is_known = found and found["lifecycle_status"] in _BEING_PUBLISHED
    missing: list[str] = [] if is_known else [Message("the publishing of offering {id}", id=offering_id)]
    for collection, wanted in seen.items():
        known = components.versions(database, generation, collection, list(wanted))
        kind = Message(_KINDS[collection])
        missing += [
            Message("version {version} of {kind} {id}", version=v, kind=kind, id=id)
            for id, v in wanted.items()
            if known.get(id, -1) < v
        ]
    return missing
