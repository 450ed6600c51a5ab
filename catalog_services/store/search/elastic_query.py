"""Criteria as an Elasticsearch request: terms and ranges only, never a query language, so nothing can be injected."""

from __future__ import annotations

from typing import Any

from catalog_services.store.language.synonyms import Phrase, Term
from catalog_services.store.search.criteria import RELEVANCE, CharacteristicFilter, Criteria, Prices

Query = dict[str, Any]

FACETS = {
    "channel": "facet.channel",
    "category": "facet.category",
    "catalog": "facet.catalog",
    "brand": "facet.brand",
    "market_segment": "facet.segment",
    "characteristic": "facet.characteristic",
}
_FACET_SIZES = {"characteristic": 300}
_NAME_BOOST, _TEXT_BOOST, _PREFIX_BOOST, _FUZZY_BOOST = 6.0, 2.0, 1.0, 0.5
_SHORTEST_FUZZY = 4
_SHORTEST_PREFIX = 2


def request(criteria: Criteria, *, facets: bool = True) -> Query:
    """The body of one ``_search``: page, total, and with ``facets`` counts and suggestions."""
    body: Query = {
        "query": query(criteria),
        "sort": _sort(criteria),
        "size": criteria.limit,
        "track_total_hits": True,
        "_source": ["body", "timed"],
    }
    if criteria.sort == RELEVANCE:
        body["track_scores"] = True
    if criteria.after is not None:
        body["search_after"] = list(criteria.after)
    else:
        body["from"] = criteria.skip
    if facets:
        body["aggs"] = _aggregations(criteria)
        if typed := [word for term in criteria.terms or () for word in term.typed]:
            body["suggest"] = {"words": _suggest(typed)}
    return body


def query(criteria: Criteria) -> Query:
    """Everything that makes an entry part of the answer."""
    filters: list[Query] = [{"term": {"visible": True}}, *_valid("", criteria.at)]
    filters += [{"terms": {field: list(values)}} for field, values in criteria.filters]
    if criteria.is_bundle is not None:
        filters.append({"term": {"is_bundle": criteria.is_bundle}})
    if criteria.prices.any_wish or _by_price(criteria):
        filters.append({"nested": {"path": "prices", "query": _price(criteria)}})
    filters += [_either([_characteristic(c) for c in either]) for either in criteria.characteristics]
    found: Query = {"bool": {"filter": filters}}
    if criteria.terms is not None:
        if not criteria.terms:
            return {"match_none": {}}
        found["bool"]["should"] = [_term(term) for term in criteria.terms]
        found["bool"]["minimum_should_match"] = "2<75%"
    return found


def _by_price(criteria: Criteria) -> bool:
    return criteria.sort.lstrip("-") == "price"


def _valid(prefix: str, at: int) -> list[Query]:
    return [
        {"range": {f"{prefix}valid_from": {"lte": at}}},
        {"range": {f"{prefix}valid_to": {"gte": at}}},
    ]


def _price(criteria: Criteria) -> Query:
    """The prices that count: valid then, and all of the wishes met by one of them."""
    wish: Prices = criteria.prices
    filters = _valid("prices.", criteria.at)
    for field in ("currency", "price_type", "period"):
        if (value := getattr(wish, field)) is not None:
            filters.append({"term": {f"prices.{field}": value}})
    if bounds := _bounds(wish.low, wish.high):
        filters.append({"range": {"prices.value": bounds}})
    return {"bool": {"filter": filters}}


def _bounds(low: float | None, high: float | None) -> Query:
    return {name: end for name, end in (("gte", low), ("lte", high)) if end is not None}


def _characteristic(wish: CharacteristicFilter) -> Query:
    ways: list[Query] = [{"term": {"terms": wish.term}}] if wish.term is not None else []
    ways += [
        {"range": {f"numbers.{wish.slug}.{interval.unit}": _bounds(interval.low, interval.high)}}
        for interval in wish.intervals
    ]
    return _either(ways)


def _either(ways: list[Query]) -> Query:
    return ways[0] if len(ways) == 1 else {"bool": {"should": ways, "minimum_should_match": 1}}


def _term(term: Term) -> Query:
    """A term scores by its best way of being there: in the name, in the text, begun, or misspelled."""
    ways = [way for phrase in term.phrases for way in _phrase(phrase)]
    word = "".join(term.typed)
    if len(term.typed) == 1 and len(word) >= _SHORTEST_PREFIX:
        ways.append({"prefix": {"words": {"value": word, "boost": _PREFIX_BOOST}}})
    if word.isalpha() and len(word) >= _SHORTEST_FUZZY:
        fuzzy = {"value": word, "fuzziness": f"AUTO:{_SHORTEST_FUZZY},8", "boost": _FUZZY_BOOST}
        ways.append({"fuzzy": {"words": fuzzy}})
    return {"dis_max": {"queries": ways, "tie_breaker": 0.2}}


def _phrase(phrase: Phrase) -> list[Query]:
    kind, value = ("term", "value") if len(phrase) == 1 else ("match_phrase", "query")
    return [
        {kind: {field: {value: " ".join(phrase), "boost": boost}}}
        for field, boost in (("name_stems", _NAME_BOOST), ("stems", _TEXT_BOOST))
    ]


def _sort(criteria: Criteria) -> list[Query]:
    field = criteria.sort.lstrip("-")
    order = "desc" if criteria.sort.startswith("-") else "asc"
    if criteria.sort == RELEVANCE:
        first: Query = {"_score": {"order": "desc"}}
    elif _by_price(criteria):
        nested = {"path": "prices", "filter": _price(criteria)}
        first = {"prices.value": {"order": order, "mode": "min", "nested": nested}}
    else:
        first = {field: {"order": order}}
    return [first, {"id": {"order": "asc"}}]


def _aggregations(criteria: Criteria) -> Query:
    counts: Query = {
        name: {"terms": {"field": field, "size": _FACET_SIZES.get(name, 50)}}
        for name, field in FACETS.items()
    }
    ends = {"min": {"min": {"field": "prices.value"}}, "max": {"max": {"field": "prices.value"}}}
    by_currency = {
        "terms": {"field": "prices.currency", "size": 50},
        "aggs": {**ends, "offerings": {"reverse_nested": {}}},
    }
    valid = {
        "filter": {"bool": {"filter": _valid("prices.", criteria.at)}},
        "aggs": {"currency": by_currency},
    }
    return {**counts, "price": {"nested": {"path": "prices"}, "aggs": {"valid": valid}}}


def _suggest(typed: list[str]) -> Query:
    options = {
        "field": "words",
        "analyzer": "whitespace",
        "suggest_mode": "missing",
        "size": 3,
        "prefix_length": 0,
        "min_word_length": _SHORTEST_FUZZY,
    }
    return {"text": " ".join(typed), "term": options}
