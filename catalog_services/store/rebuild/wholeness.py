"""Is a generation that was built the same in both stores, and does it lack nothing that customers see now?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import batched

from catalog_services.store.projection import aside
from catalog_services.store.projection.bringing import PAGE
from catalog_services.store.projection.drain import drain
from catalog_services.store.rebuild.checks import Comparison, compare_stores
from catalog_services.store.rebuild.composing import offering_ids
from catalog_services.store.rebuild.joining import by_id
from catalog_services.store.rebuild.report import RebuildFailed, Report, Say
from catalog_services.store.stores import elastic, generations
from catalog_services.store.stores.availability import ELASTICSEARCH, StoreDown
from catalog_services.store.stores.mongo import Mongo, collection

ELASTICSEARCH_SECONDS = 60.0
"""How long a rebuild that is nearly done waits for Elasticsearch."""
_LOOKS = 5
_TOLD, _REASON_LENGTH = 3, 100
_PAUSE_SECONDS = 1.0


def refuse_loss(database: Mongo, report: Report) -> None:
    """What is set aside is in the report. Raises ``RebuildFailed`` when the live generation shows some of it."""
    report.aside = aside.reasons(database, report.generation)
    shown = collection(database, "entries", generations.ensure(database).live)
    missed = 0
    told: list[str] = []
    for page in batched(by_id("aside", report.generation, {"reason": 1}), PAGE):
        reasons = {id: str(document["reason"]) for id, document in page}
        lost = [e["_id"] for e in shown.find({"_id": {"$in": list(reasons)}, "visible": True}, {"_id": 1})]
        missed += len(lost)
        told += [f"{id}: {reasons[id][:_REASON_LENGTH]}" for id in lost[: _TOLD - len(told)]]
    if missed:
        more = ["..."] if missed > len(told) else []
        raise RebuildFailed(
            f"{missed} offerings that customers see now would be missing ({'; '.join([*told, *more])})."
        )


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
