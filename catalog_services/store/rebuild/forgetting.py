"""Forgetting everything: for when the write side went back in time, and what the store has of it is of no time at all.

Older versions never overwrite newer ones, so the store could not follow. A publication that is carried out again must
not meet the marks of its first time, either.
"""

from __future__ import annotations

from catalog_services.store.projection import indexing
from catalog_services.store.stores.mongo import Mongo


def forget(database: Mongo) -> None:
    """Remove all that MongoDB has of the store, and have the worker make it anew; harmless when there is nothing.

    The indexes go when the new generation is switched to. No worker of the store may run.
    """
    meta = database["meta"]
    indexing.ask_for_rebuild(database, "The write side was restored from a backup.")
    meta.delete_many({"_id": {"$ne": indexing.REBUILD_NEEDED}})
    for name in database.list_collection_names():
        if name != meta.name:
            database.drop_collection(name)
