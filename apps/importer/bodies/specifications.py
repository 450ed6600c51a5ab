"""Specifications, and the characteristics that they give rise to."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from apps.importer.bodies.context import Context, common
from apps.importer.model import BadItem, Item, Kind, Ref
from apps.importer.rules import characteristics, fields, identity
from apps.importer.rules.characteristics import Definition, Known
from apps.importer.rules.values import Use, Value, uses


def build(context: Context) -> list[Item]:
    """Fill every specification; the answer is the characteristics they need, one for each name."""
    uses_of: dict[str, list[Use]] = {}

    def read(item: Item, data: dict[str, Any]) -> None:
        uses_of[item.external_id] = uses(data, "productSpecCharacteristic")

    def fill(item: Item, data: dict[str, Any]) -> None:
        item.body = common(item, data) | {
            "brand": fields.text(data, "brand"),
            "product_number": fields.text(data, "productNumber"),
            "characteristics": [_link(context, item, use) for use in uses_of[item.external_id]],
        }

    context.each(Kind.SPECIFICATION, read)
    by_name: defaultdict[str, list[tuple[Item, Use]]] = defaultdict(list)
    for item, _ in context.good(Kind.SPECIFICATION):
        for use in uses_of[item.external_id]:
            by_name[identity.same(use.name)].append((item, use))
    items = [_characteristic(context, key, found) for key, found in by_name.items()]
    context.each(Kind.SPECIFICATION, fill)
    return items


def reference(name: str) -> Ref:
    """The characteristic of that name: this import's or, where it has none, the suite's."""
    key = identity.by_name(name)
    return Ref(Kind.CHARACTERISTIC, key=key, candidates=(key,), name=name)


def _characteristic(context: Context, key: str, found: list[tuple[Item, Use]]) -> Item:
    """The one characteristic behind all uses of a name, and its definition into the context."""
    (first, use), all_uses = found[0], [use for _, use in found]
    item = Item(Kind.CHARACTERISTIC, identity.by_name(use.name), use.name, first.source)
    known = context.known.get(key)
    try:
        definition, rulings = characteristics.define(all_uses)
        for ruling in rulings:
            item.assumptions.take(ruling)
        definition = item.assumptions.take(characteristics.follow_suite(definition, known))
        *said, listed = characteristics.allowed(all_uses, definition, known)
    except BadItem as error:
        item.errors.append(str(error))
        return item
    for ruling in said:
        item.assumptions.take(ruling)
    values = item.assumptions.take(listed)
    context.definitions[key] = definition
    default = _default(known, values) or _written(definition, characteristics.default_value(use).value)
    item.body = {
        "name": known.name if known else item.name,
        "external_id": item.external_id,
        "value_type": definition.value_type,
        "unit_of_measure": definition.unit,
        "values": [{"value": value, "is_default": value == default} for value in values],
    }
    item.initial = {"description": item.assumptions.take(characteristics.describe(all_uses, known))}
    return item


def _written(definition: Definition, value: Value | None) -> str | None:
    return None if value is None else definition.write(value)


def _default(known: Known | None, values: list[str]) -> str | None:
    return known.default if known and known.default in values else None


def _link(context: Context, item: Item, use: Use) -> dict[str, Any]:
    take = item.assumptions.take
    take(characteristics.not_carried(use))
    # Without a definition the characteristic is in error, and this specification is skipped because of it.
    definition = context.definitions.get(identity.same(use.name), characteristics.TEXT)
    return {
        "id": reference(use.name),
        "values": list(dict.fromkeys(definition.write(value) for value in use.values)),
        "default": _written(definition, take(characteristics.default_value(use))),
        "configurable": characteristics.configurable(use),
        "min_cardinality": use.min_cardinality,
        "max_cardinality": use.max_cardinality,
    }
