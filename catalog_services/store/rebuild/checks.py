"""Is a generation whole: do both stores hold the same entries, and every aggregate that was announced?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from elasticsearch import Elasticsearch, helpers

from catalog_services.store.stores import elastic
from catalog_services.store.stores.mongo import Mongo, collection


@dataclass(frozen=True, slots=True)
class Comparison:
    """``wrong``: entries that are not the same in both stores, with their rev in Elasticsearch (0: not there)."""

    entries: int
    wrong: dict[str, int]


def compare_stores(database: Mongo, client: Elasticsearch, generation: str) -> Comparison:
    """Every entry's rev and hash in MongoDB against the index."""
    client.indices.refresh(index=elastic.index_name(generation))
    indexed = dict(_indexed(client, generation))
    kept = {
        entry["_id"]: (entry["rev"], entry["hash"])
        for entry in collection(database, "entries", generation).find({}, {"rev": 1, "hash": 1})
    }
    wrong = {
        id: indexed[id][0] if id in indexed else 0 for id, state in kept.items() if indexed.get(id) != state
    }
    wrong |= {id: rev for id, (rev, _) in indexed.items() if id not in kept}
    return Comparison(len(kept), wrong)


def _indexed(client: Elasticsearch, generation: str) -> Iterator[tuple[str, tuple[int, str]]]:
    body = {"query": {"match_all": {}}, "_source": ["hash"], "version": True}
    for hit in helpers.scan(client, query=body, index=elastic.index_name(generation), size=1000):
        yield hit["_id"], (hit["_version"], hit["_source"]["hash"])
