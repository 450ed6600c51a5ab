"""Offerings, which bring everything else together."""

from __future__ import annotations

from typing import Any

from apps.importer.bodies import categories, specifications
from apps.importer.bodies.context import Context, common, dated
from apps.importer.model import BadItem, Item, Kind, Ref
from apps.importer.rules import characteristics, fields, identity, lifecycle, offerings, references
from apps.importer.rules.characteristics import Definition
from apps.importer.rules.values import Use, uses


def build(context: Context) -> None:
    """Fill every offering; specifications, categories and prices must have been built."""
    listed = categories.listed(context)

    def fill(item: Item, data: dict[str, Any]) -> None:
        take = item.assumptions.take
        members = [_member(context, item, entry) for entry in fields.objects(data, "bundledProductOffering")]
        category_refs = [
            context.resolve(item, Kind.CATEGORY, entry) for entry in fields.objects(data, "category")
        ]
        specification = _specification(context, item, data)
        item.body = common(item, data)
        item.publish = take(lifecycle.published(item.lifecycle))
        take(offerings.sold_alone(data))
        item.body |= dated(data) | {
            "specification_ids": specification,
            "pricing_ids": _prices(context, item),
            "market_segments": offerings.market_segments(data),
            "category_ids": list(dict.fromkeys(category_refs)),
            "catalog_ids": _catalogs(context, item, category_refs, listed),
            "is_bundle": take(offerings.is_bundle(data, members)),
            "bundled_offerings": members,
            "characteristic_values": _pinned(context, item, data, specification),
        }  # fmt: skip
        channels = {"sales_channels": take(offerings.channels(data, context.channels))}
        if data.get("channel"):
            item.body |= channels
        else:
            item.initial = channels
        prices = "productOfferingPrice" in data or item.external_id in context.prices_of
        for field in take(offerings.unmentioned(prices, bool(context.items(Kind.CATALOG)))):
            del item.body[field]

    context.each(Kind.OFFERING, fill)


def _specification(context: Context, item: Item, data: dict[str, Any]) -> list[Ref]:
    reference = fields.nested(data, "productSpecification")
    return [context.resolve(item, Kind.SPECIFICATION, reference)] if reference else []


def _prices(context: Context, item: Item) -> list[Ref]:
    def given(ref: Ref) -> bool:
        price = context.index.by_key(Kind.PRICE, ref.key)
        return price is None or item.assumptions.take(
            lifecycle.charged(price.name, price.lifecycle, item.publish)
        )

    return [ref for ref in context.prices_of.get(item.external_id, []) if given(ref)]


def _catalogs(
    context: Context, item: Item, category_refs: list[Ref], listed: dict[str, list[Item]]
) -> list[Ref]:
    take = item.assumptions.take
    above = [key for ref in category_refs for key in categories.ancestry(context, ref.key)]
    found = take(references.catalogs_by_category(above, listed))
    found = found or take(references.catalog_by_file_prefix(item, context.items(Kind.CATALOG)))
    return [references.to(catalog) for catalog in found]


def _member(context: Context, item: Item, entry: dict[str, Any]) -> dict[str, Any]:
    lower, upper, default = item.assumptions.take(offerings.bundle_limits(entry))
    member = context.resolve(item, Kind.OFFERING, entry)
    return {"id": member, "min": lower, "max": upper, "default": default}


def _pinned(
    context: Context, item: Item, data: dict[str, Any], specification: list[Ref]
) -> list[dict[str, Any]]:
    pinned = []
    for use in uses(data, "prodSpecCharValueUse"):
        item.assumptions.take(characteristics.not_carried(use))
        value = item.assumptions.take(offerings.pinned(use))
        if value is not None:
            characteristic = specifications.reference(use.name)
            written = _definition(context, use).write(value)
            _check_allowed(context, specification, characteristic, written)
            pinned.append({"characteristic_id": characteristic, "value": written})
    return pinned


def _check_allowed(context: Context, specification: list[Ref], characteristic: Ref, value: str) -> None:
    """A pinned value must be one that the offering's specification has; the suite would refuse it too."""
    for ref in specification:
        item = context.index.by_key(Kind.SPECIFICATION, ref.key)
        if item is None or not item.body:
            return
        for link in item.body["characteristics"]:
            if link["id"] == characteristic and (not link["values"] or value in link["values"]):
                return
        raise BadItem(
            f"{characteristic.name}: the specification {item.name!r} does not have the value {value!r}."
        )


def _definition(context: Context, use: Use) -> Definition:
    key = identity.same(use.name)
    known = context.known.get(key)
    definition = context.definitions.get(key) or (known.definition if known else None)
    if definition is None:
        raise BadItem(f"Neither this import nor the suite defines the characteristic {use.name!r}.")
    return definition
