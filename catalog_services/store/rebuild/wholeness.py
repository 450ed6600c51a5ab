"""Is a generation that was built the same in both stores?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import batched

from catalog_services.store.projection.bringing import PAGE
from catalog_services.store.projection.drain import drain
from catalog_services.store.rebuild.checks import Comparison, compare_stores
from catalog_services.store.rebuild.composing import offering_ids
from catalog_services.store.rebuild.report import RebuildFailed, Report, Say
from catalog_services.store.stores import elastic
from catalog_services.store.stores.availability import ELASTICSEARCH, StoreDown
from catalog_services.store.stores.mongo import Mongo

ELASTICSEARCH_SECONDS = 60.0
"""How long a rebuild that is nearly done waits for Elasticsearch."""
_LOOKS = 5
_PAUSE_SECONDS = 1.0


def check(database: Mongo, report: Report, say: Say) -> None:
    """The entries of all offerings in both stores, by rev and hash.

    Live events go on, so an entry that differs may only be on its way: it is wrong when the index stays at one
    rev through every look. Raises ``RebuildFailed``.
    """
    stuck: dict[str, int] = {}

    def compared(ids: Sequence[str]) -> Comparison:
        return patiently(lambda: compare_stores(database, elastic.writing(), report.generation, ids))

    for page in offering_ids(report.generation):
        found = compared(page)
        stuck |= found.wrong
        report.entries += found.entries
        report.visible += found.visible
        say("checked entries", report.entries - len(stuck), None)
    for _ in range(_LOOKS - 1):
        if not stuck:
            break
        time.sleep(0.2)
        drain(database, report.generation)
        again: dict[str, int] = {}
        for some in batched(sorted(stuck), PAGE):
            again |= compared(some).wrong
        # A rev that moved belongs to a live event.
        stuck = {id: rev for id, rev in again.items() if stuck[id] == rev}
        say("checked entries", report.entries - len(stuck), report.entries)
    if stuck:
        raise RebuildFailed(f"MongoDB and Elasticsearch differ in {len(stuck)} entries.")
    say("checked entries", report.entries, report.entries)


def patiently[T](ask: Callable[[], T]) -> T:
    """Elasticsearch starts anew, or is short of memory for a moment after so much: no reason to begin from the start.

    Raises ``RebuildFailed`` when it does not come back.
    """
    until = time.monotonic() + ELASTICSEARCH_SECONDS
    while True:
        try:
            with ELASTICSEARCH.attempt(insist=True):
                return ask()
        except StoreDown as error:
            if time.monotonic() > until:
                raise RebuildFailed(str(error)) from error
            time.sleep(_PAUSE_SECONDS)
