"""What publications did here, so that it can be undone, and what was undone before it was done.

One document per publication, outside the generations: a rebuild keeps it. Once undone, always undone.
"""

from __future__ import annotations

from collections.abc import Iterable

from pymongo.errors import DuplicateKeyError

from apps.core import clock
from apps.core.errors import Conflict
from apps.core.messages import Message
from catalog_services.store.stores.mongo import Mongo

DONE, UNDONE = "done", "undone"


def begin(database: Mongo, *, publication_id: str, offering_id: str) -> None:
    """Note that a publication prepares an offering's entry. Raises ``Conflict`` when it was undone already."""
    wanted = {"_id": publication_id, "state": {"$ne": UNDONE}}
    done = {"$set": {"state": DONE, "offering_id": offering_id, "at": clock.iso(clock.now())}}
    try:
        database["publications"].update_one(wanted, done, upsert=True)
    except DuplicateKeyError as error:
        # It was undone, or the same step began twice in one moment.
        if not database["publications"].update_one(wanted, done).matched_count:
            raise Conflict(
                Message("Publication {id} was undone before: its entry is not created.", id=publication_id)
            ) from error


def undo(database: Mongo, *, publication_id: str, offering_id: str) -> None:
    """Take back what a publication did; when it did nothing yet, it never will."""
    database["publications"].update_one(
        {"_id": publication_id},
        {"$set": {"state": UNDONE, "offering_id": offering_id, "at": clock.iso(clock.now())}},
        upsert=True,
    )


def prepared(database: Mongo, offering_ids: Iterable[str]) -> set[str]:
    """Which of these offerings have an entry prepared by a publication that was not undone."""
    wanted = {"offering_id": {"$in": list(offering_ids)}, "state": DONE}
    return {found["offering_id"] for found in database["publications"].find(wanted, {"offering_id": 1})}
