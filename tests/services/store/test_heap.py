"""The Elasticsearch that comes with the suite has a small heap, and it is full of garbage most of the time."""

from __future__ import annotations

import pytest

from catalog_services.store.stores import elastic
from config import env
from tests.support.waiting import eventually


@pytest.mark.skipif(env.part_is_external("elasticsearch"), reason="somebody else's Elasticsearch")
def test_elasticsearch_refuses_nothing_for_the_garbage_in_its_heap() -> None:
    """What decides whether a request is refused is what requests have reserved, not what the heap still holds."""

    def reserved_of_heap() -> float:
        (node,) = elastic.writing().nodes.stats(metric=["breaker", "jvm"])["nodes"].values()
        reserved: int = node["breakers"]["parent"]["estimated_size_in_bytes"]
        return reserved / node["jvm"]["mem"]["heap_used_in_bytes"]

    eventually(lambda: reserved_of_heap() < 1 / 4)
