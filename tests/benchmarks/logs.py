"""How long after a request its lines are found by its correlation id: those of every service that it met."""

from __future__ import annotations

import time
from typing import Any

from elasticsearch import Elasticsearch

from apps.core.ids import uuid7
from config import env
from config.services import SERVICES
from tests.benchmarks.measure import Figure, percentile, timed, until
from tests.e2e.conftest import OF_EACH_SERVICE, Api, sign_in

ROUNDS, BASELINES = 40, 40
INDEX = "logs-catalog-*"


def figures() -> list[Figure]:
    """One request to each service under one id; then Elasticsearch is asked until it has a line of all seven."""
    with sign_in("admin") as api, Elasticsearch(env.part_url("elasticsearch")) as search:
        floor = _floor(search)
        found = [_searchable(api, search) for _ in range(ROUNDS)]
    name = "line of each of seven services to found by correlation id, p99"
    return [Figure(name, percentile(found, 0.99), 5.0, "s", raw=percentile(floor, 0.99))]


def _searchable(api: Api, search: Elasticsearch) -> float:
    correlation_id = f"bench-{uuid7()}"
    for path in OF_EACH_SERVICE:
        answer = api.get(path, params={"limit": 1}, headers={"X-Correlation-ID": correlation_id})
        assert answer.status_code == 200, (path, answer.text)
    asked = time.perf_counter()
    until(lambda: _told(search, correlation_id) == set(SERVICES))
    return time.perf_counter() - asked


def _told(search: Elasticsearch, correlation_id: str) -> set[str]:
    """The services that have a line of it."""
    named: dict[str, Any] = {"term": {"correlation_id": correlation_id}}
    by_service = {"services": {"terms": {"field": "service.name"}}}
    answer = search.search(index=INDEX, query=named, aggregations=by_service, size=0)
    return {bucket["key"] for bucket in answer["aggregations"]["services"]["buckets"]}


def _floor(search: Elasticsearch) -> list[float]:
    """The raw cost: a document, found after a refresh of its own."""
    index = f"bench-{uuid7()}"
    search.indices.create(index=index)

    def once() -> None:
        search.index(index=index, document={"correlation_id": str(uuid7())}, refresh=True)

    seconds = [timed(once) for _ in range(BASELINES)]
    search.indices.delete(index=index)
    return seconds
