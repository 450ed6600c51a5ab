"""Readiness detail: what the store heard of and does not show."""

from __future__ import annotations

from apps.core import health
from apps.core.errors import Unavailable
from apps.core.messages import Message
from catalog_services.store.projection import aside, dirty
from catalog_services.store.stores import generations, mongo

MANY_MARKS = 100
"""Marks that may wait while all is well: a mark is there for as long as its drain runs."""


def register() -> None:
    health.register("projection", projection, required=False)


def projection() -> None:
    """Raises when entries are set aside, or when more marks wait than a busy moment explains."""
    database = mongo.reading()
    generation = generations.live(database)
    if generation is None:
        return
    told = []
    if count := aside.count(database, generation):
        told.append(
            Message(
                "{count} entries set aside ({command} names them).",
                count=count,
                command="manage.py store verify",
            )
        )
    if (waiting := dirty.count(database, generation)) > MANY_MARKS:
        told.append(Message("{count} changes wait for a store.", count=waiting))
    if told:
        raise Unavailable(Message.joined(told))
