"""Readiness: either store can answer alone (degraded), so the service is down only when both are. Each is asked by
itself: a store that hangs does not take the time in which the other one answers.

That a store answers does not say that it takes writes (its disk may be full), nor that all it was told is shown: that
is told beside, and does not decide.
"""

from __future__ import annotations

from apps.core import health
from apps.core.errors import Unavailable
from apps.core.messages import Message
from catalog_services.store.stores import elastic, generations, mongo


def register() -> None:
    health.register("mongodb", mongodb, required=False)
    health.register("mongodb writes", mongodb_writes, required=False)
    health.register("elasticsearch", elasticsearch, required=False)
    health.register("elasticsearch writes", elasticsearch_writes, required=False)
    health.require_one_of("either", ("mongodb", "elasticsearch"))


def mongodb() -> None:
    """Raises when MongoDB does not answer."""
    mongo.reading().command("ping")


def mongodb_writes() -> None:
    """Raises when MongoDB does not take a write."""
    mongo.reading()["meta"].update_one({"_id": "probe"}, {"$inc": {"writes": 1}}, upsert=True)


def elasticsearch() -> None:
    """Raises when Elasticsearch does not answer."""
    elastic.reading().cluster.health(timeout="1s")


def elasticsearch_writes() -> None:
    """Raises when the live index is blocked: ``read_only_allow_delete`` means that its disk is full."""
    generation = generations.live(mongo.reading())
    if generation and (blocks := elastic.blocked(elastic.reading(), generation)):
        raise Unavailable(
            Message("Elasticsearch takes no writes: {blocks}.", blocks=", ".join(sorted(blocks)))
        )
