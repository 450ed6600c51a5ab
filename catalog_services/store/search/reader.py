"""Who answers: MongoDB lists and details, Elasticsearch searches, and each of them for the other when it is down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog
from elasticsearch import NotFoundError as NoSuchDocument

from apps.core.errors import NotFound, Unavailable
from catalog_services.store.projection.entries import etag_of
from catalog_services.store.search import cursor, elastic_query, mongo_query
from catalog_services.store.search.criteria import RELEVANCE, Criteria
from catalog_services.store.search.facets import facets, suggestions
from catalog_services.store.search.page import Detail, Page, body_at
from catalog_services.store.stores import elastic, generations, mongo
from catalog_services.store.stores.availability import ELASTICSEARCH, MONGODB, StoreDown
from catalog_services.store.validity import is_valid_between

log = structlog.get_logger(__name__)

_ITEM = {"body": 1, "timed": 1}


def live_generation() -> tuple[str | None, bool]:
    """``(generation, whether MongoDB answers)``; the generation is None when it is not known, or there is none."""
    try:
        with MONGODB.attempt():
            return generations.live(mongo.reading()), True
    except StoreDown:
        return generations.last_known(), False


def listed(criteria: Criteria) -> Page:
    """A page of the visible offerings. Raises ``Unavailable`` when both stores are down."""
    return _first_of(_from_mongo, _from_elasticsearch, criteria, with_facets=False)


def searched(criteria: Criteria) -> Page:
    """A page of what was searched for, with facets and suggestions. Raises ``Unavailable`` when both are down."""
    return _first_of(_from_elasticsearch, _from_mongo, criteria, with_facets=True)


_Source = Callable[..., Page]


def _first_of(first: _Source, second: _Source, criteria: Criteria, *, with_facets: bool) -> Page:
    generation, mongo_answers = live_generation()
    if mongo_answers and generation is None:  # nothing was ever written
        return Page(total=0)
    for source, degraded in ((first, not mongo_answers), (second, True)):
        try:
            page = source(criteria, generation, with_facets=with_facets)
        except StoreDown:
            continue
        return replace(page, degraded=degraded)
    raise Unavailable("Neither MongoDB nor Elasticsearch answers.")


def detail(offering_id: str, *, at: int) -> Detail:
    """One visible offering.

    Raises ``NotFound`` for what is not published or not valid then, ``Unavailable`` when both stores are down.
    """
    generation, mongo_answers = live_generation()
    for source in (_detail_from_mongo, _detail_from_elasticsearch):
        try:
            found = source(offering_id, generation)
        except StoreDown:
            continue
        if found is None or not found["visible"] or not is_valid_between(found, at):
            raise NotFound(f"No offering has the id {offering_id}.")
        degraded = not mongo_answers or source is _detail_from_elasticsearch
        body = body_at(found["body"], found["timed"], at)
        return Detail(body, etag_of(body) if found["timed"] else found["etag"], degraded)
    raise Unavailable("Neither MongoDB nor Elasticsearch answers.")


def _detail_from_mongo(offering_id: str, generation: str | None) -> dict[str, Any] | None:
    with MONGODB.attempt():
        if generation is None:
            return None
        wanted = {**_ITEM, "etag": 1, "visible": 1, "fields.valid_from": 1, "fields.valid_to": 1}
        entries = mongo.collection(mongo.reading(), "entries", generation)
        found = entries.find_one({"_id": offering_id}, wanted)
        return None if found is None else {**found, **found["fields"]}


def _detail_from_elasticsearch(offering_id: str, generation: str | None) -> dict[str, Any] | None:
    with ELASTICSEARCH.attempt():
        wanted = ["visible", "body", "etag", "timed", "valid_from", "valid_to"]
        index = generations.live_index(generation)
        try:
            found = elastic.reading().get(index=index, id=offering_id, source_includes=wanted).body["_source"]
        except NoSuchDocument as error:
            if "error" in error.body:  # the index itself is missing
                raise
            return None
        return {**found, "body": found["body"].encode()} if found["visible"] else found


def _from_mongo(criteria: Criteria, generation: str | None, *, with_facets: bool) -> Page:
    if criteria.sort == RELEVANCE and criteria.after is not None:
        raise StoreDown("Only Elasticsearch can go on with a search by relevance.")
    with MONGODB.attempt():
        if generation is None:
            raise StoreDown("MongoDB does not say which generation is live.")
        entries = mongo.collection(mongo.reading(), "entries", generation)
        wanted = mongo_query.filter_of(criteria)
        field, direction = mongo_query.sort_key(criteria)
        total = entries.count_documents(wanted)
        page = entries.find({"$and": [wanted, mongo_query.after(criteria)]}, {**_ITEM, field: 1})
        page = page.sort([(field, direction), ("_id", 1)]).skip(
            criteria.skip if criteria.after is None else 0
        )
        found = list(page.limit(criteria.limit))
    items = [body_at(entry["body"], entry["timed"], criteria.at) for entry in found]
    return Page(total=total, items=items, next_cursor=_mongo_cursor(criteria, found, field))


def _mongo_cursor(criteria: Criteria, found: list[dict[str, Any]], field: str) -> str | None:
    if len(found) < criteria.limit:
        return None
    value: Any = found[-1]
    for part in field.split("."):
        value = value[part]
    return cursor.encode(mongo_query.effective_sort(criteria), [value, found[-1]["_id"]])


def _from_elasticsearch(criteria: Criteria, generation: str | None, *, with_facets: bool) -> Page:
    with ELASTICSEARCH.attempt():
        body = elastic_query.request(criteria, facets=with_facets)
        answer = elastic.reading().search(index=generations.live_index(generation), body=body).body
        if answer["_shards"]["failed"]:
            raise StoreDown("Elasticsearch answers only in part.")
    hits = answer["hits"]["hits"]
    items = [body_at(hit["_source"]["body"].encode(), hit["_source"]["timed"], criteria.at) for hit in hits]
    return Page(
        total=answer["hits"]["total"]["value"],
        items=items,
        facets=facets(answer["aggregations"]) if with_facets else {},
        suggestions=suggestions(answer["suggest"]["words"]) if "suggest" in answer else [],
        next_cursor=cursor.encode(criteria.sort, hits[-1]["sort"]) if len(hits) == criteria.limit else None,
    )
