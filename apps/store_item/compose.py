"""The view of an offering, composed from its components: a pure function, so any order of events gives the same.

A component that is not here yet is left out; its event, when it comes, has the offering composed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Data = dict[str, Any]
ById = Mapping[str, Data]

PATH_SEPARATOR = " / "


@dataclass(frozen=True, slots=True)
class Components:
    """The data of everything that a set of offerings refers to, by id, each with its ``version``."""

    characteristics: ById = field(default_factory=dict)
    specifications: ById = field(default_factory=dict)
    prices: ById = field(default_factory=dict)
    categories: ById = field(default_factory=dict)
    catalogs: ById = field(default_factory=dict)
    members: ById = field(default_factory=dict)


def compose(offering_id: str, offering: Data, components: Components) -> Data:
    """The whole store item, as a client reads it."""
    pinned = {pin["characteristic_id"]: pin["value"] for pin in offering["characteristic_values"]}
    return {
        "id": offering_id,
        "external_id": offering["external_id"],
        "name": offering["name"],
        "description": offering["description"],
        "lifecycle_status": offering["lifecycle_status"],
        "published_at": offering["published_at"],
        "valid_from": offering["valid_from"],
        "valid_to": offering["valid_to"],
        "sales_channels": offering["sales_channels"],
        "market_segments": offering["market_segments"],
        "categories": [
            {"id": id, "name": category["name"], "path": PATH_SEPARATOR.join(path(id, components.categories))}
            for id, category in _present(offering["category_ids"], components.categories)
        ],
        "catalogs": [
            {
                "id": id,
                "name": catalog["name"],
                "valid_from": catalog["valid_from"],
                "valid_to": catalog["valid_to"],
            }
            for id, catalog in _present(offering["catalog_ids"], components.catalogs)
        ],
        "specifications": [
            _specification(id, specification, pinned, components.characteristics)
            for id, specification in _present(offering["specification_ids"], components.specifications)
        ],
        "pricing": [
            {"id": id, **{key: value for key, value in price.items() if key != "version"}}
            for id, price in _present(offering["pricing_ids"], components.prices)
        ],
        "is_bundle": offering["is_bundle"],
        "bundled_offerings": [
            {**member, "name": components.members[member["id"]]["name"]}
            for member in offering["bundled_offerings"]
            if member["id"] in components.members
        ],
    }


def made_of(offering_id: str, offering: Data, components: Components) -> dict[str, int]:
    """The version of each component that the view is composed from, by id."""
    found = {offering_id: int(offering["version"])}

    def add(ids: Iterable[str], known: ById) -> None:
        found.update((id, int(known[id]["version"])) for id in ids if id in known)

    for id in offering["category_ids"]:
        add(ancestors(id, components.categories), components.categories)
    add(offering["catalog_ids"], components.catalogs)
    for _, specification in _present(offering["specification_ids"], components.specifications):
        add((use["id"] for use in specification["characteristics"]), components.characteristics)
    add(offering["specification_ids"], components.specifications)
    add(offering["pricing_ids"], components.prices)
    add((member["id"] for member in offering["bundled_offerings"]), components.members)
    return found


def ancestors(category_id: str, categories: ById) -> list[str]:
    """A category's ids from the root down to itself; a loop in the data ends where it closes."""
    chain: list[str] = []
    at: str | None = category_id
    while at is not None and at in categories and at not in chain:
        chain.append(at)
        at = categories[at]["parent_id"]
    return chain[::-1]


def path(category_id: str, categories: ById) -> list[str]:
    """A category's names from the root down to itself."""
    return [categories[id]["name"] for id in ancestors(category_id, categories)]


def _present(ids: list[str], known: ById) -> list[tuple[str, Data]]:
    return [(id, known[id]) for id in dict.fromkeys(ids) if id in known]


def _specification(id: str, specification: Data, pinned: Mapping[str, str], characteristics: ById) -> Data:
    used = {use["id"]: use for use in specification["characteristics"]}
    return {
        "id": id,
        "name": specification["name"],
        "description": specification["description"],
        "brand": specification["brand"],
        "product_number": specification["product_number"],
        "characteristics": [
            _characteristic(key, characteristic, used[key], pinned.get(key))
            for key, characteristic in _present(list(used), characteristics)
        ],
    }


def _characteristic(id: str, characteristic: Data, use: Data, pin: str | None) -> Data:
    """``value`` is what this offering has: the pinned value, else the specification's default, else its own."""
    values = use["values"] or characteristic["values"]
    own_default = next((v["value"] for v in values if v["is_default"]), None)
    return {
        "id": id,
        "name": characteristic["name"],
        "description": characteristic["description"],
        "value_type": characteristic["value_type"],
        "unit_of_measure": characteristic["unit_of_measure"],
        "value": next((v for v in (pin, use["default"], own_default) if v is not None), None),
        "pinned": pin is not None,
        "values": [v["value"] for v in values],
        "configurable": bool(use["configurable"]),
        "min_cardinality": use["min_cardinality"],
        "max_cardinality": use["max_cardinality"],
    }
