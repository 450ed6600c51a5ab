"""Both stores get what a generation that is being built has marked."""

from __future__ import annotations

import time

from catalog_services.store.projection import dirty
from catalog_services.store.projection.drain import drain
from catalog_services.store.rebuild.report import RebuildFailed
from catalog_services.store.rebuild.wholeness import ELASTICSEARCH_SECONDS
from catalog_services.store.stores.mongo import Mongo

_TURN_SECONDS = 2.0
_PAUSE_SECONDS = 0.5


def catch_up(database: Mongo, generation: str) -> None:
    """Work off what is marked now. Changes that come all the time are marked all the time: those are not waited for.

    Raises ``RebuildFailed`` when Elasticsearch took none of it for ``ELASTICSEARCH_SECONDS``.
    """
    left = dirty.places(database, generation)
    until = time.monotonic() + ELASTICSEARCH_SECONDS
    while left:
        drain(database, generation, seconds=_TURN_SECONDS)
        before, there = left, dirty.places(database, generation)
        left = {id: there[id] for id in before if id in there}
        if left != before:
            until = time.monotonic() + ELASTICSEARCH_SECONDS
        elif time.monotonic() > until:
            raise RebuildFailed(f"{len(left)} changes cannot be indexed.")
        else:
            time.sleep(_PAUSE_SECONDS)
