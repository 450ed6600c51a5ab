"""Leases in MongoDB: one process at a time does the work that nobody asks for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from pymongo.errors import DuplicateKeyError, PyMongoError

from apps.core import clock
from apps.core.ids import uuid7
from catalog_services.store.stores.mongo import Mongo


def take(database: Mongo, name: str, owner: str, *, seconds: float) -> bool:
    """Take or renew the lease ``name`` for ``seconds``; False while another owner has it."""
    now = clock.now()
    mine_or_over = {"_id": f"lease:{name}", "$or": [{"owner": owner}, {"until": {"$lt": now}}]}
    try:
        database["meta"].update_one(
            mine_or_over, {"$set": {"owner": owner, "until": now + timedelta(seconds=seconds)}}, upsert=True
        )
    except DuplicateKeyError:
        return False
    return True


def give_back(database: Mongo, name: str, owner: str) -> None:
    database["meta"].delete_one({"_id": f"lease:{name}", "owner": owner})


@contextmanager
def held(database: Mongo, name: str, *, seconds: float) -> Iterator[bool]:
    """Hold a lease while the block runs, renewed by a thread; gives False at once when another owner has it."""
    owner = str(uuid7())
    if not take(database, name, owner, seconds=seconds):
        yield False
        return
    done = threading.Event()

    def renew() -> None:
        while not done.wait(seconds / 3):
            with suppress(PyMongoError):
                take(database, name, owner, seconds=seconds)

    thread = threading.Thread(target=renew, name=f"lease-{name}", daemon=True)
    thread.start()
    try:
        yield True
    finally:
        done.set()
        thread.join()
        with suppress(PyMongoError):
            give_back(database, name, owner)
