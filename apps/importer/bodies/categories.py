"""The tree of categories, and catalogs."""

from __future__ import annotations

from typing import Any

from apps.importer.bodies.context import Context, common, dated
from apps.importer.model import Item, Kind
from apps.importer.rules import fields, references


def build(context: Context) -> None:
    """Fill every category and catalog. A category's parent is its ``parentId``, else whatever lists it."""

    def children(item: Item, data: dict[str, Any]) -> None:
        for reference in fields.objects(data, "subCategory"):
            child = context.resolve(item, Kind.CATEGORY, reference)
            context.parents.setdefault(child.key, references.to(item))

    def parent(item: Item, data: dict[str, Any]) -> None:
        given = fields.text(data, "parentId")
        if given:
            context.parents[item.external_id] = context.resolve(item, Kind.CATEGORY, {"id": given})

    def category(item: Item, data: dict[str, Any]) -> None:
        item.body = common(item, data)
        above = context.parents.get(item.external_id)
        # Without isRoot a category of which nothing says the parent may have one that is not in this import.
        if above is not None or fields.flag(data, "isRoot"):
            item.body["parent_id"] = above

    def catalog(item: Item, data: dict[str, Any]) -> None:
        item.body = common(item, data) | dated(data)

    context.each(Kind.CATEGORY, children)
    context.each(Kind.CATEGORY, parent)
    context.each(Kind.CATEGORY, category)
    context.each(Kind.CATALOG, catalog)


def listed(context: Context) -> dict[str, list[Item]]:
    """The catalogs that list a category, by the category's external id."""
    found: dict[str, list[Item]] = {}

    def note(item: Item, data: dict[str, Any]) -> None:
        for reference in fields.objects(data, "category"):
            key = context.resolve(item, Kind.CATEGORY, reference).key
            found.setdefault(key, []).append(item)

    context.each(Kind.CATALOG, note)
    return found


def ancestry(context: Context, category: str) -> list[str]:
    """The external ids of a category and of all above it; a cycle is followed once."""
    path: list[str] = []
    while category and category not in path:
        path.append(category)
        above = context.parents.get(category)
        category = above.key if above else ""
    return path
