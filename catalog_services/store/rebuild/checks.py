"""Is a generation whole: do both stores hold the same entries, and are those what their components make?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import batched

from elasticsearch import Elasticsearch
from pymongo.errors import PyMongoError

from apps.core.joining import joined
from catalog_services.store.projection.entries import contents
from catalog_services.store.projection.indexing import document
from catalog_services.store.projection.isolate import isolated
from catalog_services.store.rebuild.joining import by_id
from catalog_services.store.stores import elastic
from catalog_services.store.stores.mongo import Document, Mongo, collection

_PAGE = 500
_KEPT_OPEN = "10m"
"""From one page of the index to the next: where it lacks many entries that follow each other, it is not asked until
all of them are composed."""


@dataclass(slots=True)
class Comparison:
    """``wrong``: entries that are not as they should be, with their rev in Elasticsearch (0: not there)."""

    entries: int = 0
    visible: int = 0
    wrong: dict[str, int] = field(default_factory=dict)

    def add(self, id: str, entry: Document | None, hit: Document | None, *, same: bool) -> None:
        """An entry of MongoDB, what Elasticsearch has of it, and whether these are the same. What nobody may see is as
        good absent from the index, or there as it was hidden before."""
        self.entries += entry is not None
        self.visible += entry is not None and entry["visible"]
        hidden = entry is not None and not entry["visible"] and not (hit and hit["_source"]["visible"])
        if not (same or hidden):
            self.wrong[id] = hit["_version"] if hit else 0


def compare_stores(database: Mongo, client: Elasticsearch, generation: str, ids: Sequence[str]) -> Comparison:
    """The rev and hash of these entries in MongoDB against the index."""
    found = Comparison()
    fields = {"rev": 1, "hash": 1, "visible": 1}
    kept = {
        entry["_id"]: entry
        for entry in collection(database, "entries", generation).find({"_id": {"$in": list(ids)}}, fields)
    }
    answer = client.mget(
        index=elastic.index_name(generation), ids=list(ids), source_includes=["hash", "visible"]
    )
    indexed = {hit["_id"]: hit for hit in answer["docs"] if hit.get("found")}
    for id in kept.keys() | indexed.keys():
        entry, hit = kept.get(id), indexed.get(id)
        same = entry and hit and (entry["rev"], entry["hash"]) == (hit["_version"], hit["_source"]["hash"])
        found.add(id, entry, hit, same=bool(same))
    return found


def compare_contents(database: Mongo, client: Elasticsearch, generation: str) -> Comparison:
    """Every entry, all of it: what its components make, what MongoDB keeps, and what Elasticsearch indexed of that."""
    found = Comparison()
    numbers = elastic.declared_numbers(client, generation)
    for id, entry, hit in joined(_sound(database, generation), _indexed(client, generation)):
        same = entry and hit and (entry["rev"], document(entry, numbers)) == (hit["_version"], hit["_source"])
        found.add(id, entry, hit, same=bool(same))
    return found


def _sound(database: Mongo, generation: str) -> Iterator[tuple[str, Document | None]]:
    """Every entry that there is or should be; None for one that is not what its components make."""
    both = joined(by_id("entries", generation, {}), by_id("offerings", generation, {"_id": 1}))
    for page in batched(both, _PAGE):
        kept = {id: entry for id, entry, _ in page if entry is not None}
        wanted: dict[str, Document] = {}
        isolated(
            lambda ids: wanted.update(contents(database, generation, ids, kept)),  # noqa: B023 (called at once)
            [id for id, _, _ in page],
            unless=(PyMongoError,),
            name=str,
        )
        for id in sorted(kept.keys() | wanted.keys()):
            content, entry = wanted.get(id), kept.get(id)
            sound = content is not None and entry is not None and content.items() <= entry.items()
            yield id, entry if sound else None


def _indexed(client: Elasticsearch, generation: str) -> Iterator[tuple[str, Document]]:
    """The documents of the index in the order of their ids, as of one moment."""
    index = elastic.index_name(generation)
    client.indices.refresh(index=index)
    moment = client.open_point_in_time(index=index, keep_alive=_KEPT_OPEN)["id"]
    after: list[object] | None = None
    try:
        while True:
            answer = client.search(
                pit={"id": moment, "keep_alive": _KEPT_OPEN},
                sort=[{"id": "asc"}],
                size=_PAGE,
                search_after=after,
                version=True,
                track_total_hits=False,
            )
            hits = answer["hits"]["hits"]
            yield from ((hit["_id"], hit) for hit in hits)
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"]
    finally:
        client.close_point_in_time(id=moment)
