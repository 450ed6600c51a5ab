"""Prices, and to which offering each belongs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from apps.importer.bodies.context import Context, common, dated
from apps.importer.model import Failure, Item, Kind, Ref
from apps.importer.rules import fields, prices, references


def build(context: Context) -> None:
    """Fill every price, and ``context.prices_of`` from the offerings' own lists, else by the rules."""

    def fill(item: Item, data: dict[str, Any]) -> None:
        item.body = common(item, data) | dated(data) | prices.body(data, item.assumptions)
        # A price has no description in the suite: its name says what it is for.
        del item.body["description"]

    def list_prices(item: Item, data: dict[str, Any]) -> None:
        for entry in fields.objects(data, "productOfferingPrice"):
            context.prices_of[item.external_id].append(context.resolve(item, Kind.PRICE, entry))

    context.each(Kind.PRICE, fill)
    context.each(Kind.OFFERING, list_prices)
    listed = {ref.key for refs in context.prices_of.values() for ref in refs}
    offerings = context.items(Kind.OFFERING)
    # Also a price in error has an owner: the offering is then skipped because of it, not sold without it.
    for item, data in context.pairs:
        if item.kind is Kind.PRICE and item.external_id not in listed:
            _give(context, item, data, offerings)
    _name_apart(context, offerings)


def block_for_lost_files(context: Context, failures: Sequence[Failure]) -> None:
    """Skip an offering whose price cannot be read but would be its own by the file's name.

    Otherwise a broken file would silently take a price away from an offering.
    """
    offerings = context.items(Kind.OFFERING)
    for failure in failures:
        owner = references.price_by_file_name(failure.source, offerings).value
        if owner is not None and not owner.blocked:
            owner.blocked = f"Its price in {failure.source} cannot be imported: {failure.message}"


def _give(context: Context, item: Item, data: dict[str, Any], offerings: list[Item]) -> None:
    take = item.assumptions.take
    named = data.get("productOffering")
    reference = named if isinstance(named, dict) else {}
    owner = take(references.price_by_reference(context.index, reference))
    owner = owner or take(references.price_by_file_name(item.source, offerings))
    if owner is None:
        take(references.price_alone())
    else:
        _add(context.prices_of[owner.external_id], references.to(item))


def _name_apart(context: Context, offerings: list[Item]) -> None:
    """Names that no two prices of the import share, so that the suite takes them all."""
    owners = {
        ref.key: owner.name
        for owner in reversed(offerings)
        for ref in context.prices_of.get(owner.external_id, [])
    }
    items = context.items(Kind.PRICE)
    written = {item.external_id: item.name for item in items}
    for item in items:
        item.owner = owners.get(item.external_id, "")
    for with_id in (False, True):
        times = Counter(item.name for item in items)
        for item in items:
            if times[item.name] > 1:
                name, key = written[item.external_id], item.external_id if with_id else ""
                item.name = item.assumptions.take(prices.name_apart(name, item.owner, key))
                if item.body:
                    item.body["name"] = item.name


def _add(refs: list[Ref], ref: Ref) -> None:
    if ref not in refs:
        refs.append(ref)
