"""Leases in MongoDB: one process at a time does the work that nobody asks for.

No clock is compared with another: the holder writes a new beat now and then, and a lease is over for whoever saw the
same beat for ``seconds`` of its own monotonic time. A wall clock that jumps neither ends a lease nor prolongs one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pymongo.errors import DuplicateKeyError, PyMongoError

from apps.core.ids import uuid7
from catalog_services.store.stores.mongo import Mongo


class Lease:
    """One contender for the lease ``name``: it has to look again and again to learn that the holder is gone."""

    def __init__(self, name: str, *, seconds: float) -> None:
        self._id = f"lease:{name}"
        self._seconds = seconds
        self._owner = str(uuid7())
        self._seen: object = None
        self._since = 0.0

    def take(self, database: Mongo) -> bool:
        """Take or renew the lease; False while another owner has it."""
        meta = database["meta"]
        mine = {"owner": self._owner, "beat": str(uuid7())}
        if meta.update_one({"_id": self._id, "owner": self._owner}, {"$set": mine}).matched_count:
            return True
        found = meta.find_one({"_id": self._id})
        if found is None:
            with suppress(DuplicateKeyError):
                meta.insert_one({"_id": self._id, **mine})
                return True
            return False
        if found.get("beat") != self._seen or not self._since:
            self._seen, self._since = found.get("beat"), time.monotonic()
        if time.monotonic() - self._since < self._seconds:
            return False
        return bool(meta.update_one({"_id": self._id, "beat": self._seen}, {"$set": mine}).matched_count)

    def give_back(self, database: Mongo) -> None:
        database["meta"].delete_one({"_id": self._id, "owner": self._owner})

    @contextmanager
    def kept(self, database: Mongo) -> Iterator[None]:
        """Renew a lease that was taken from a thread while the block runs, then give it back."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(self._seconds / 3):
                with suppress(PyMongoError):
                    self.take(database)

        thread = threading.Thread(target=renew, name=self._id, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            with suppress(PyMongoError):
                self.give_back(database)
