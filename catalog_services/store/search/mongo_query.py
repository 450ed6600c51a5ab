"""Criteria as a MongoDB filter: for lists, and for searches while Elasticsearch is down (words as they are spelled)."""

from __future__ import annotations

import re
from typing import Any

from catalog_services.store.language.synonyms import Term
from catalog_services.store.projection.entries import ANY_CURRENCY
from catalog_services.store.search.criteria import RELEVANCE, CharacteristicFilter, Criteria, Prices

Filter = dict[str, Any]

_NOTHING: Filter = {"_id": {"$in": []}}


def effective_sort(criteria: Criteria) -> str:
    """MongoDB knows no relevance: such searches come by name."""
    return "name" if criteria.sort == RELEVANCE else criteria.sort


def filter_of(criteria: Criteria) -> Filter:
    """Everything that makes an entry part of the answer."""
    if criteria.terms == ():
        return _NOTHING
    wanted: list[Filter] = [
        {
            "visible": True,
            "fields.valid_from": {"$lte": criteria.at},
            "fields.valid_to": {"$gte": criteria.at},
        }
    ]
    wanted += [{f"fields.{field}": {"$in": list(values)}} for field, values in criteria.filters]
    if criteria.is_bundle is not None:
        wanted.append({"fields.is_bundle": criteria.is_bundle})
    if criteria.prices.any_wish or effective_sort(criteria).lstrip("-") == "price":
        wanted.append({"fields.prices": {"$elemMatch": _price(criteria.prices, criteria.at)}})
    wanted += [
        {"$or": [way for c in either for way in _characteristic(c)]} for either in criteria.characteristics
    ]
    wanted += [_term(term) for term in criteria.terms or ()]
    field, _ = sort_key(criteria)
    if field.startswith("cheapest."):
        wanted.append({field: {"$exists": True}})
    return {"$and": wanted}


def after(criteria: Criteria) -> Filter:
    """What comes after the cursor in the order of ``sort_key``."""
    if criteria.after is None:
        return {}
    field, direction = sort_key(criteria)
    value, id = criteria.after
    beyond = "$gt" if direction > 0 else "$lt"
    return {"$or": [{field: {beyond: value}}, {field: value, "_id": {"$gt": id}}]}


def sort_key(criteria: Criteria) -> tuple[str, int]:
    """The field and direction of the order; the id breaks ties, upwards."""
    sort = effective_sort(criteria)
    field, direction = sort.lstrip("-"), -1 if sort.startswith("-") else 1
    if field == "price":
        return f"cheapest.{criteria.prices.currency or ANY_CURRENCY}", direction
    return f"fields.{field}", direction


def _price(wish: Prices, at: int) -> Filter:
    wanted: Filter = {"valid_from": {"$lte": at}, "valid_to": {"$gte": at}}
    for field in ("currency", "price_type", "period"):
        if (value := getattr(wish, field)) is not None:
            wanted[field] = value
    if bounds := _bounds(wish.low, wish.high):
        wanted["value"] = bounds
    return wanted


def _bounds(low: float | None, high: float | None) -> Filter:
    return {name: end for name, end in (("$gte", low), ("$lte", high)) if end is not None}


def _characteristic(wish: CharacteristicFilter) -> list[Filter]:
    ways: list[Filter] = [{"fields.terms": wish.term}] if wish.term is not None else []
    return ways + [
        {f"fields.numbers.{wish.slug}.{interval.unit}": {"$elemMatch": _bounds(interval.low, interval.high)}}
        for interval in wish.intervals
    ]


def _term(term: Term) -> Filter:
    ways: list[Filter] = [{"tokens": {"$all": list(phrase)}} for phrase in term.phrases]
    if len(term.typed) == 1:
        ways.append({"tokens": {"$regex": f"^{re.escape(term.typed[0])}"}})
    return {"$or": ways}
