"""The drain: brings what shows the marked causes up to date in both stores, and takes the marks away."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import batched

from catalog_services.store.projection import aside, dirty
from catalog_services.store.projection.bringing import PAGE, bring
from catalog_services.store.projection.dirty import Mark
from catalog_services.store.projection.references import affected
from catalog_services.store.projection.turns import turn
from catalog_services.store.stores.mongo import Mongo

MARKS = 100
TURN_SECONDS = 1.0


def bring_marked(database: Mongo, generation: str) -> None:
    """Work off what is marked, or leave it to the process that is at it, which looks once more when it is through.

    Ends after about ``TURN_SECONDS``, or when nothing more can be settled: what is left is for the maintenance.
    """
    until = time.monotonic() + TURN_SECONDS
    while True:
        with turn(f"{database.name}.{generation}") as is_ours:
            if not is_ours:
                return
            marks = dirty.marked(database, generation, limit=MARKS)
            settled = work_off(database, generation, marks, seconds=TURN_SECONDS) if marks else 0
        if settled is None or time.monotonic() > until or not dirty.marked(database, generation, limit=1):
            return


def drain(database: Mongo, generation: str, *, seconds: float = 20.0) -> int:
    """Work off marks, the oldest first, and try again what was set aside; gives how many entries both stores have now.

    While Elasticsearch is down entries are brought up to date in MongoDB and the marks stay. Ends when nothing (more)
    can be settled, or after about ``seconds``; what is left is still marked. It waits for nobody's turn: whoever had it
    may have been killed.
    """
    until = time.monotonic() + seconds
    if again := aside.due(database, generation, limit=PAGE):
        for _ in bring(database, generation, [again]):
            pass  # what is brought leaves by itself
    total = 0
    while marks := dirty.marked(database, generation, limit=MARKS):
        done = work_off(database, generation, marks, seconds=max(0.0, until - time.monotonic()))
        if done is None:
            break
        total += done
        if time.monotonic() > until:
            break
    return total


def work_off(database: Mongo, generation: str, marks: Sequence[Mark], *, seconds: float = 20.0) -> int | None:
    """Bring everything that shows what ``marks`` (all at one place) name; gives how many entries both stores have now.

    None: Elasticsearch does not take them, and the marks stay as they are. After ``seconds``, but not before a page is
    through, the marks stay and keep the place that was reached.
    """
    place = marks[0].after
    ids = sorted(id for id in affected(database, generation, marks) if id > place)
    until = time.monotonic() + seconds

    def in_time() -> Iterator[Sequence[str]]:
        for page in batched(ids, PAGE):
            yield page
            if time.monotonic() > until:
                return

    done, indexed = 0, True
    for page in bring(database, generation, in_time()):
        indexed &= page.indexed
        done += len(page.ids)
    if not indexed:
        return None
    if done < len(ids):
        dirty.advance(database, generation, marks, ids[done - 1])
    else:
        dirty.clear(database, generation, marks)
    return done
