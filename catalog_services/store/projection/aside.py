"""What was set aside: entries that could not be composed or that Elasticsearch refused, each with its reason.

They hold up no other. Each is tried again with back-off, and leaves as soon as its entry is brought, whoever does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from pymongo import UpdateOne

from apps.core import clock
from catalog_services.store.stores import mongo
from catalog_services.store.stores.mongo import Mongo, collection

_FIRST_SECONDS, _MOST_SECONDS = 1.0, 60.0
_REASON_LENGTH = 500


def put(database: Mongo, generation: str, reasons: Mapping[str, str]) -> None:
    """Set entries aside (id -> reason), or note that another try failed."""
    if not reasons:
        return
    kept = collection(database, "aside", generation)
    known = {a["_id"]: a["tries"] for a in kept.find({"_id": {"$in": list(reasons)}}, {"tries": 1})}
    writes = []
    for id, reason in reasons.items():
        tries = known.get(id, 0) + 1
        due = clock.now() + timedelta(seconds=min(_MOST_SECONDS, _FIRST_SECONDS * 2.0 ** min(tries - 1, 10)))
        state = {"reason": reason[:_REASON_LENGTH], "tries": tries, "due": due}
        writes.append(UpdateOne({"_id": id}, {"$set": state}, upsert=True))
    kept.bulk_write(writes, ordered=False)


def due(database: Mongo, generation: str, *, limit: int) -> list[str]:
    """Entries to try again now. A time further ahead than any back-off was noted by a clock that was wrong."""
    now = clock.now()
    latest = now + timedelta(seconds=_MOST_SECONDS)
    wanted = {"$or": [{"due": {"$lte": now}}, {"due": {"$gt": latest}}]}
    return [a["_id"] for a in collection(database, "aside", generation).find(wanted, {"_id": 1}).limit(limit)]


def leave(database: Mongo, generation: str, ids: Iterable[str]) -> None:
    """These entries were brought."""
    kept = collection(database, "aside", generation)
    if kept.find_one({}, {"_id": 1}):  # mostly there is nothing
        kept.delete_many({"_id": {"$in": list(ids)}})


def count(database: Mongo, generation: str) -> int:
    """How many, up to ``mongo.COUNTED``."""
    return mongo.count(collection(database, "aside", generation))


def reasons(database: Mongo, generation: str, *, limit: int = 1000) -> dict[str, str]:
    """The entries that are set aside (``limit`` of them), and why."""
    return {a["_id"]: a["reason"] for a in collection(database, "aside", generation).find().limit(limit)}
