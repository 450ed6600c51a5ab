"""What an entry is searched, filtered, sorted and counted by: derived from the item, the same in both stores."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from apps.store_item.compose import ById, Data, ancestors
from apps.store_item.validity import begins, ends
from catalog_services.store.language import text, units

SEPARATOR = "\u001f"
"""Between the two halves of a term (characteristic and value) and of a facet (id and name)."""

_MOST = 1e15
_REMEMBERED = 20_000


def searchable(item: Data, categories: ById) -> Data:
    """The fields of a visible entry, as ``documents.OfferingDocument`` declares them.

    ``numbers`` is ``{characteristic slug: {canonical unit: [values]}}``.
    """
    chain = {
        id: categories[id]["name"] for own in item["categories"] for id in ancestors(own["id"], categories)
    }
    brands = _distinct(specification["brand"] for specification in item["specifications"])
    used = [use for specification in item["specifications"] for use in specification["characteristics"]]
    _, name_stems = text.indexed([item["name"]])
    words, stems = text.indexed(_texts(item, list(chain.values()), brands))
    return {
        "name_stems": " ".join(name_stems),
        "stems": " ".join(stems),
        "words": " ".join(words),
        "channels": _folded(item["sales_channels"]),
        "categories": _folded([*chain, *chain.values()]),
        "catalogs": _folded([x for catalog in item["catalogs"] for x in (catalog["id"], catalog["name"])]),
        "brands": _folded(brands),
        "segments": _folded(item["market_segments"]),
        "specifications": _folded(
            [
                x
                for specification in item["specifications"]
                for x in (specification["id"], specification["name"])
            ]
        ),
        "terms": _distinct(
            term
            for use in used
            for value in offered(use)
            for term in _terms(use["name"], use["unit_of_measure"], value)
        ),
        "numbers": _numbers(used),
        "valid_from": begins(item["valid_from"]),
        "valid_to": ends(item["valid_to"]),
        "is_bundle": item["is_bundle"],
        "prices": [_price(price) for price in item["pricing"]],
        "name": _fold(item["name"]),
        "published_at": begins(item["published_at"]),
        "facet": {
            "channel": item["sales_channels"],
            "category": [f"{id}{SEPARATOR}{name}" for id, name in chain.items()],
            "catalog": [f"{catalog['id']}{SEPARATOR}{catalog['name']}" for catalog in item["catalogs"]],
            "brand": brands,
            "segment": item["market_segments"],
            "characteristic": _distinct(
                f"{use['name']}{SEPARATOR}{_shown(use['unit_of_measure'], value)}"
                for use in used
                for value in offered(use)
            ),
        },
    }


_fold = lru_cache(maxsize=_REMEMBERED)(text.fold)
_slug = lru_cache(maxsize=_REMEMBERED)(text.slug)


def offered(use: Data) -> list[str]:
    """The values an offering can be had with: the pinned one; any when configurable; else the default, or any."""
    if use["pinned"] or (use["value"] is not None and not use["configurable"]):
        return [use["value"]]
    return _distinct([*use["values"], *([use["value"]] if use["value"] is not None else [])])


def _texts(item: Data, categories: list[str], brands: list[str]) -> list[str]:
    texts = [item["name"], item["description"], *categories, *brands]
    texts += [member["name"] for member in item["bundled_offerings"]]
    for specification in item["specifications"]:
        texts += [specification["name"], specification["description"], specification["product_number"]]
        for use in specification["characteristics"]:
            texts += [use["name"], *(_shown(use["unit_of_measure"], value) for value in offered(use))]
    return _distinct(texts)


def _shown(unit: str, value: str) -> str:
    """A value as a person reads it: ``100 Mbps``."""
    return f"{value} {unit}" if unit not in {"None", "Unit", ""} else value


def term(name: str, value: str) -> str:
    """What an exact value of a characteristic is filtered by."""
    return f"{_slug(name)}{SEPARATOR}{_fold(value).strip()}"


@lru_cache(maxsize=_REMEMBERED)
def _terms(name: str, unit: str, value: str) -> tuple[str, ...]:
    return term(name, value), term(name, _shown(unit, value))


def quantity(use: Data, value: str) -> units.Quantity | None:
    """A value as a number in its canonical unit, when the characteristic is a number or the value names its unit."""
    unit = use["unit_of_measure"]
    if use["value_type"] == "number" or units.is_measured(unit) or units.has_unit(value):
        return units.parse(value, unit)
    return None


def _numbers(used: list[Data]) -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, set[float]]] = {}
    for use in used:
        for value in offered(use):
            if (number := quantity(use, value)) is not None:
                found.setdefault(_slug(use["name"]), {}).setdefault(number.unit, set()).add(number.value)
    return {key: {unit: sorted(values) for unit, values in by.items()} for key, by in found.items()}


def _price(price: Data) -> Data:
    return {
        "currency": price["currency"],
        "price_type": _fold(price["price_type"]),
        "period": _fold(price["recurring_period"] or ""),
        "value": max(-_MOST, min(_MOST, float(price["value"]))),
        "valid_from": begins(price["valid_from"]),
        "valid_to": ends(price["valid_to"]),
    }


def _folded(values: list[str]) -> list[str]:
    return _distinct(_fold(value).strip() for value in values)


def _distinct(values: Any) -> list[str]:
    return [value for value in dict.fromkeys(values) if value]
