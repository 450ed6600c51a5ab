"""Readiness: either store can answer alone (degraded), so the service is down only when both are."""

from __future__ import annotations

from collections.abc import Callable

from apps.core import health
from catalog_services.store.stores import elastic, mongo


def register() -> None:
    health.register("stores", check)


def check() -> None:
    """Raises when neither MongoDB nor Elasticsearch answers."""
    failures = [error for part in (_mongodb, _elasticsearch) if (error := _failure(part))]
    if len(failures) == 2:
        raise failures[0]


def _failure(part: Callable[[], None]) -> Exception | None:
    try:
        part()
    except Exception as error:  # whatever a driver raises means: it does not answer
        return error
    return None


def _mongodb() -> None:
    mongo.reading().command("ping")


def _elasticsearch() -> None:
    elastic.reading().cluster.health(timeout="1s")
