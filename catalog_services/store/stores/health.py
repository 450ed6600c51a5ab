"""Readiness: either store can answer alone (degraded), so the service is down only when both are."""

from __future__ import annotations

from apps.core import health
from catalog_services.store.stores import elastic, mongo


def register() -> None:
    health.register("mongodb", mongodb, required=False)
    health.register("elasticsearch", elasticsearch, required=False)
    health.register("either", either)


def mongodb() -> None:
    """Raises when MongoDB does not answer."""
    mongo.reading().command("ping")


def elasticsearch() -> None:
    """Raises when Elasticsearch does not answer."""
    elastic.reading().cluster.health(timeout="1s")


def either() -> None:
    """Raises when neither answers."""
    try:
        mongodb()
    except Exception:  # whatever a driver raises means: it does not answer
        elasticsearch()
