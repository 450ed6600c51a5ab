"""What customers would see of an offering: its own state, and what this service knows of all that it refers to.

In the shape of the store's items, which are composed by the store; what is not known yet is left out, as there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from apps.core import clock
from apps.references.models import Reference
from apps.references.replicas import ReferenceKind
from catalog_services.offering.models import Catalog, Category, Offering
from catalog_services.offering.references import CHARACTERISTIC, PRICE, SPECIFICATION
from catalog_services.offering.selectors.catalog import catalog_state
from catalog_services.offering.selectors.offering import offering_state

Data = Mapping[str, Any]
OWN = ("name", "description", "sales_channels", "market_segments", "valid_from", "valid_to", "is_bundle")


def store_item(row: Offering) -> dict[str, Any]:
    """The item of an offering, saved or not, with the prices and catalogs that are valid now."""
    offering = offering_state(row)
    pinned = {pin["characteristic_id"]: pin["value"] for pin in offering["characteristic_values"]}
    specifications = _replicas(SPECIFICATION, offering["specification_ids"])
    used = [use["id"] for one in specifications for use in one.get("characteristics", ())]
    characteristics = {one["id"]: one for one in _replicas(CHARACTERISTIC, used)}
    catalogs = map(catalog_state, Catalog.objects.filter(pk__in=offering["catalog_ids"]))
    return {
        **{name: offering[name] for name in OWN},
        "categories": _paths(offering["category_ids"]),
        "catalogs": [catalog for catalog in catalogs if _is_valid(catalog)],
        "specifications": [
            {**one, "characteristics": _characteristics(one, characteristics, pinned)}
            for one in specifications
        ],
        "pricing": [price for price in _replicas(PRICE, offering["pricing_ids"]) if _is_valid(price)],
        "bundled_offerings": _members(offering["bundled_offerings"]),
    }


def _replicas(kind: ReferenceKind, ids: Iterable[str]) -> list[dict[str, Any]]:
    """The states of those that are known, in the order of ``ids``."""
    wanted = list(dict.fromkeys(ids))
    rows = Reference.objects.filter(kind=kind.name, aggregate_id__in=wanted, deleted=False)
    known = {str(row.aggregate_id): row.data for row in rows}
    return [known[id_] for id_ in wanted if id_ in known]


def _characteristics(
    specification: Data, known: Mapping[str, Data], pinned: Mapping[str, str]
) -> list[dict[str, Any]]:
    """With the ``value`` that the offering has: the pinned one, else the specification's default, else its own."""
    found = []
    for use in specification.get("characteristics", ()):
        if (characteristic := known.get(use["id"])) is None:
            continue
        own = characteristic.get("values", ())
        default = next((value["value"] for value in own if value["is_default"]), None)
        choice = (pinned.get(use["id"]), use["default"], None if use["values"] else default)
        found.append(
            {
                "id": use["id"],
                "name": characteristic["name"],
                "unit_of_measure": characteristic.get("unit_of_measure", ""),
                "value": next((value for value in choice if value is not None), None),
                "pinned": use["id"] in pinned,
                "values": use["values"] or [value["value"] for value in own],
                "configurable": bool(use.get("configurable")),
            }
        )
    return found


def _members(members: Iterable[Data]) -> list[dict[str, Any]]:
    wanted = list(members)
    rows = Offering.objects.filter(pk__in=[member["id"] for member in wanted]).values_list("pk", "name")
    names = {str(pk): name for pk, name in rows}
    return [{**member, "name": names[member["id"]]} for member in wanted if member["id"] in names]


def _paths(ids: Iterable[str]) -> list[dict[str, str]]:
    """Each category with its names from the root down; one query per level."""
    wanted = list(dict.fromkeys(ids))
    known: dict[str, Category] = {}
    level: set[str] = set(wanted)
    while level:
        found = {str(row.pk): row for row in Category.objects.filter(pk__in=level)}
        known.update(found)
        level = {str(row.parent_id) for row in found.values() if row.parent_id} - set(known)
    return [{"id": id_, "path": " / ".join(_path(known, id_))} for id_ in wanted if id_ in known]


def _path(known: Mapping[str, Category], id_: str) -> list[str]:
    """A loop in the data ends where it closes."""
    chain: list[Category] = []
    at = known.get(id_)
    while at is not None and at not in chain:
        chain.append(at)
        at = known.get(str(at.parent_id))
    return [row.name for row in reversed(chain)]


def _is_valid(part: Data) -> bool:
    """Now; both ends included."""
    now = clock.now()
    begins, ends = part.get("valid_from"), part.get("valid_to")
    return (not begins or datetime.fromisoformat(begins) <= now) and (
        not ends or now <= datetime.fromisoformat(ends)
    )
