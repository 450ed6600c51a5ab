"""Elasticsearch's aggregations and suggestions as the API shows them."""

from __future__ import annotations

from typing import Any

from catalog_services.store.projection.fields import SEPARATOR
from catalog_services.store.search.elastic_query import FACETS


def facets(aggregations: dict[str, Any]) -> dict[str, Any]:
    """``{facet: [{"value", "count"}]}``; categories and catalogs have a ``name``, too.

    ``characteristic`` is ``[{"name", "values": [{"value", "count"}]}]``, ``price`` is ``[{"currency", "min",
    "max", "count"}]`` and ``currency`` the same counts, over the prices valid then.
    """
    found = {name: [_counted(bucket) for bucket in aggregations[name]["buckets"]] for name in FACETS}
    found["characteristic"] = _characteristics(found["characteristic"])
    found["price"] = [
        {
            "currency": bucket["key"],
            "min": bucket["min"]["value"],
            "max": bucket["max"]["value"],
            "count": bucket["offerings"]["doc_count"],
        }
        for bucket in aggregations["price"]["valid"]["currency"]["buckets"]
    ]
    found["currency"] = sorted(
        ({"value": price["currency"], "count": price["count"]} for price in found["price"]),
        key=lambda counted: (-counted["count"], counted["value"]),
    )
    return found


def _counted(bucket: dict[str, Any]) -> dict[str, Any]:
    value, separator, name = bucket["key"].partition(SEPARATOR)
    return {"value": value, **({"name": name} if separator else {}), "count": bucket["doc_count"]}


def _characteristics(counted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_name: dict[str, list[dict[str, Any]]] = {}
    for entry in counted:
        by_name.setdefault(entry["value"], []).append({"value": entry["name"], "count": entry["count"]})
    return [{"name": name, "values": values} for name, values in by_name.items()]


def suggestions(entries: list[dict[str, Any]]) -> list[str]:
    """What was probably meant, best first; empty when every word is known (or nothing is like it)."""
    if not any(entry["options"] for entry in entries):
        return []
    best = [entry["options"][0]["text"] if entry["options"] else entry["text"] for entry in entries]
    others = (
        " ".join([*best[:position], option["text"], *best[position + 1 :]])
        for position, entry in enumerate(entries)
        for option in entry["options"][1:]
    )
    return list(dict.fromkeys([" ".join(best), *others]))[:3]
