"""Who answers: Elasticsearch finds and lists, MongoDB has the details, and each of them for the other when it is down.

A list is a search without words: what it costs Elasticsearch to sort and to count does not grow with the catalog as it
does in MongoDB, which would read every entry to count what is valid. When it stands in it does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from elasticsearch import NotFoundError as NoSuchDocument
from pymongo.collection import Collection
from pymongo.errors import ExecutionTimeout

from apps.core.errors import NotFound, Unavailable
from apps.store_item.validity import is_valid_between
from catalog_services.store.projection.entries import etag_of
from catalog_services.store.search import cursor, elastic_query, mongo_query
from catalog_services.store.search.criteria import RELEVANCE, Criteria
from catalog_services.store.search.facets import facets, suggestions
from catalog_services.store.search.page import Detail, Page, body_at
from catalog_services.store.stores import elastic, generations, mongo
from catalog_services.store.stores.availability import ELASTICSEARCH, MONGODB, RememberedDown, StoreDown
from catalog_services.store.stores.mongo import Document

_ITEM = {"body": 1, "timed": 1}
_NOT_KNOWN = "MongoDB does not say which generation is live."
_SHARE_OF_PATIENCE = 0.8
"""MongoDB gives a question up before we stop listening: too much to ask is then told from a server that is silent."""


@dataclass(frozen=True, slots=True)
class Live:
    """What a read goes to. ``generation`` is None when it is not known, or (``mongo_answers``) when there is none."""

    generation: str | None
    mongo_answers: bool


def live() -> Live:
    """The live generation, looked up once for each request."""
    try:
        with MONGODB.attempt():
            return Live(generations.live(mongo.reading()), mongo_answers=True)
    except StoreDown:
        return Live(generations.last_known(), mongo_answers=False)


def page(criteria: Criteria, at: Live, *, with_facets: bool = False) -> Page:
    """A page of the visible offerings, ``with_facets`` with counts and suggestions, too.

    Raises ``Unavailable`` when both stores are down, or MongoDB alone would need too long.
    """
    if at.mongo_answers and at.generation is None:  # nothing was ever written
        return Page(total=0)

    def from_elasticsearch(insist: bool) -> Page:
        found = _from_elasticsearch(criteria, at.generation, with_facets=with_facets, insist=insist)
        return replace(found, degraded=not at.mongo_answers)

    def from_mongo(insist: bool) -> Page:
        return replace(_from_mongo(criteria, at.generation, insist=insist), degraded=True)

    return _first_answer(from_elasticsearch, from_mongo)


def detail(offering_id: str, *, at: int) -> Detail:
    """One visible offering.

    Raises ``NotFound`` for what is not published or not valid then, ``Unavailable`` when both stores are down.
    """
    now = live()
    found, degraded = _first_answer(
        lambda insist: (
            _detail_from_mongo(offering_id, now, insist=insist),
            not now.mongo_answers,
        ),
        lambda insist: (_detail_from_elasticsearch(offering_id, now.generation, insist=insist), True),
    )
    if found is None or not found["visible"] or not is_valid_between(found, at):
        raise NotFound(f"No offering has the id {offering_id}.")
    body = body_at(found["body"], found["timed"], at)
    return Detail(body, etag_of(body) if found["timed"] else found["etag"], degraded)


def _first_answer[T](*sources: Callable[[bool], T]) -> T:
    """Of the first store that answers. When none does, those that were only remembered as down are asked all the same
    (``insist``): the one that is left may have failed one request, or another one's, and is no less there for that."""
    remembered = []
    for source in sources:
        try:
            return source(False)
        except RememberedDown:
            remembered.append(source)
        except StoreDown:
            continue
    for source in remembered:
        with suppress(StoreDown):
            return source(True)
    raise Unavailable("Neither MongoDB nor Elasticsearch answers.")


def _detail_from_mongo(offering_id: str, at: Live, *, insist: bool) -> dict[str, Any] | None:
    if at.generation is None:
        if at.mongo_answers:  # nothing was ever written
            return None
        raise StoreDown(_NOT_KNOWN)
    with MONGODB.attempt(insist=insist):
        wanted = {**_ITEM, "etag": 1, "visible": 1, "fields.valid_from": 1, "fields.valid_to": 1}
        entries = mongo.collection(mongo.reading(), "entries", at.generation)
        found = entries.find_one({"_id": offering_id}, wanted)
        return None if found is None else {**found, **found["fields"]}


def _detail_from_elasticsearch(
    offering_id: str, generation: str | None, *, insist: bool
) -> dict[str, Any] | None:
    with ELASTICSEARCH.attempt(insist=insist):
        wanted = ["visible", "body", "etag", "timed", "valid_from", "valid_to"]
        index = generations.live_index(generation)
        try:
            answer = elastic.standing_in().get(index=index, id=offering_id, source_includes=wanted)
        except NoSuchDocument as error:
            if "error" in error.body:  # the index itself is missing
                raise
            return None
        found = answer.body["_source"]
        return {**found, "body": found["body"].encode()} if found["visible"] else found


def _from_mongo(criteria: Criteria, generation: str | None, *, insist: bool) -> Page:
    if criteria.sort == RELEVANCE:
        # A search that Elasticsearch began goes on by name, from the start: rather seen twice than not at all.
        criteria = replace(criteria, after=None)
    if generation is None:
        raise StoreDown(_NOT_KNOWN)
    with MONGODB.attempt(insist=insist):
        try:
            found = _entries(criteria, mongo.collection(mongo.standing_in(), "entries", generation))
        except ExecutionTimeout as error:  # too much to ask, and no reason to take the details from it, too
            raise Unavailable("Elasticsearch is down, and MongoDB would need too long for this.") from error
    items = [body_at(entry["body"], entry["timed"], criteria.at) for entry in found]
    is_all = criteria.after is None and not criteria.skip and len(found) < criteria.limit
    return Page(total=len(found) if is_all else None, items=items, next_cursor=_mongo_cursor(criteria, found))


def _entries(criteria: Criteria, entries: Collection[Document]) -> list[Document]:
    patience = int(settings.STORE_STAND_IN_TIMEOUT * _SHARE_OF_PATIENCE * 1000)
    wanted = mongo_query.filter_of(criteria)
    field, direction = mongo_query.sort_key(criteria)
    skip = criteria.skip if criteria.after is None else 0
    page = entries.find({"$and": [wanted, mongo_query.after(criteria)]}, {**_ITEM, field: 1})
    page = page.sort([(field, direction), ("_id", 1)]).skip(skip).limit(criteria.limit)
    return list(page.max_time_ms(patience))


def _mongo_cursor(criteria: Criteria, found: list[Document]) -> str | None:
    if len(found) < criteria.limit:
        return None
    field, _ = mongo_query.sort_key(criteria)
    value: Any = found[-1]
    for part in field.split("."):
        value = value[part]
    return cursor.encode(mongo_query.effective_sort(criteria), [value, found[-1]["_id"]])


def _from_elasticsearch(
    criteria: Criteria, generation: str | None, *, with_facets: bool, insist: bool
) -> Page:
    with ELASTICSEARCH.attempt(insist=insist):
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
