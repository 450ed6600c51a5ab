"""The drain: brings what shows the marked causes up to date in both stores, and takes the marks away.

What few entries show is brought at once. What very many show has turns of its own, so that nothing waits for it, and
goes on where the last turn ended. While Elasticsearch takes no entries MongoDB is brought up to date all the same, and
what it has is owed to Elasticsearch.
"""

from __future__ import annotations

import math
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
MANY = 2000
"""More entries than these take more than a moment."""
TURN_SECONDS = 1.0


def bring_marked(database: Mongo, generation: str) -> None:
    """Work off what is new, or leave it to the process that is at it, which looks once more when it is through.

    No turn begins after ``TURN_SECONDS``, or when nothing new is left: all else is for the maintenance.
    """
    until = time.monotonic() + TURN_SECONDS
    while True:
        with turn(f"{database.name}.{generation}") as is_ours:
            if not is_ours:
                return
            if marks := dirty.marked(database, generation, dirty.NEW, limit=MARKS):
                work_off_briefly(database, generation, marks)
        if time.monotonic() > until or not dirty.marked(database, generation, dirty.NEW, limit=1):
            return


def drain(database: Mongo, generation: str, *, seconds: float = 20.0) -> int:
    """Work off marks of each sort by turns, and try again what was set aside; gives how many entries were brought.

    Ends when nothing (more) can be settled, or with the turns that ``seconds`` end in; what is left is still marked. It
    waits for nobody's turn: whoever had it may have been killed.
    """
    until = time.monotonic() + seconds
    if again := aside.due(database, generation, limit=PAGE):
        for _ in bring(database, generation, [again]):
            pass  # what is brought leaves by itself
    total = 0
    while True:
        is_settled = False
        for sort in (dirty.NEW, dirty.LONG, dirty.OWED, dirty.OWED_LONG):
            if not (marks := dirty.marked(database, generation, sort, limit=MARKS)):
                continue
            if marks[0].after is None:
                brought = work_off_briefly(database, generation, marks)
            else:
                left = max(0.0, until - time.monotonic())
                brought = work_off(database, generation, marks, seconds=left)
            is_settled |= brought is not None
            total += brought or 0
        if not is_settled or time.monotonic() > until:
            return total


def work_off_briefly(database: Mongo, generation: str, marks: Sequence[Mark]) -> int | None:
    """Bring what shows ``marks`` (all of one sort), the oldest first, for a moment; gives how many entries.

    Of those that very many entries show only what they name is brought, and they become long ones. None: Elasticsearch
    does not take what it is owed, and the marks stay as they are.
    """
    short, long, ids = _sorted_out(database, generation, marks)
    done, is_indexed = _bring(database, generation, sorted(ids), is_owed=marks[0].is_owed)
    if done < len(ids):
        return None
    if not is_indexed:
        dirty.owe(database, generation, short)
    dirty.clear(database, generation, short)
    if long:
        dirty.advance(database, generation, long, "")
    return done


def work_off(database: Mongo, generation: str, marks: Sequence[Mark], *, seconds: float = 20.0) -> int | None:
    """Bring everything that shows ``marks`` (all of one sort and at one place); gives how many entries.

    None: Elasticsearch does not take what it is owed, and the marks stay as they are. After ``seconds``, but not before
    a page is through, the marks stay and keep the place that was reached.
    """
    place, is_owed = marks[0].after or "", marks[0].is_owed
    ids = sorted(id for id in affected(database, generation, marks) if id > place)
    done, is_indexed = _bring(database, generation, ids, is_owed=is_owed, seconds=seconds)
    if ids and not done:
        return None
    if not is_indexed and not is_owed:
        dirty.owe(database, generation, marks)
    if done < len(ids):
        dirty.advance(database, generation, marks, ids[done - 1])
    else:
        dirty.clear(database, generation, marks)
    return done


def _sorted_out(
    database: Mongo, generation: str, marks: Sequence[Mark]
) -> tuple[Sequence[Mark], Sequence[Mark], set[str]]:
    """Marks that few entries show, as many as go together; those among them that very many show; what to bring now."""
    ids = affected(database, generation, marks)
    if len(ids) <= MANY:
        return marks, [], ids
    short: list[Mark] = []
    long: list[Mark] = []
    now: set[str] = set()
    for mark in marks:
        its = affected(database, generation, [mark])
        is_long = len(its) > MANY
        if is_long:
            its = _named(mark)
        if now and len(now | its) > MANY:
            break
        now |= its
        (long if is_long else short).append(mark)
    return short, long, now


def _named(mark: Mark) -> set[str]:
    return {id for kind in (dirty.ENTRIES, "offerings") for id in mark.causes.get(kind, ())}


def _bring(
    database: Mongo, generation: str, ids: Sequence[str], *, is_owed: bool, seconds: float = math.inf
) -> tuple[int, bool]:
    """Bring entries, for ``seconds`` and a page at least; gives how many of them, from the first on, are through, and
    whether Elasticsearch took them. What it is owed is through when it took it, all else when MongoDB did."""
    until = time.monotonic() + seconds
    done, is_indexed = 0, True

    def in_time() -> Iterator[Sequence[str]]:
        for page in batched(ids, PAGE):
            yield page
            if time.monotonic() > until or (is_owed and not is_indexed):
                return

    for page in bring(database, generation, in_time()):
        is_indexed &= page.indexed
        if is_indexed or not is_owed:
            done += len(page.ids)
    return done, is_indexed
